import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Manifest } from "../../../src/api/index.ts";
import { compile, groupsOf } from "../../../src/compile/index.ts";
import { decodeTable, encodeTable, type RoutingTable } from "../../../src/table/index.ts";
import { plausibleManifests, wildManifests } from "./arbitrary-manifests.ts";
import { backend, group, manifest, route, settings, tenant } from "./resources.ts";

const compiled = (manifests: readonly Manifest[], published?: RoutingTable) =>
  compile({ group, settings, manifests, ...(published === undefined ? {} : { published }) });

const anyManifests = fc.oneof(plausibleManifests, wildManifests);

describe("compile, whatever it is given", () => {
  test("never throws, and routers accept its table", () => {
    fc.assert(
      fc.property(anyManifests, anyManifests, (before, after) => {
        const published = compiled(before).table;
        const { table } = compiled(after, published);
        expect(decodeTable(encodeTable(table))).toEqual({ ok: true, value: table });
      }),
      { numRuns: 400 },
    );
  });

  test("gives the same table and findings for any order of manifests", () => {
    fc.assert(
      fc.property(
        plausibleManifests,
        plausibleManifests.chain((after) =>
          fc.record({
            after: fc.constant(after),
            shuffled: fc.shuffledSubarray(after, {
              minLength: after.length,
              maxLength: after.length,
            }),
          }),
        ),
        (before, { after, shuffled }) => {
          const published = compiled(before).table;
          expect(compiled(shuffled, published)).toEqual(compiled(after, published));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("gives the same for manifests that it has read before, whatever it was asked of them then", () => {
    fc.assert(
      fc.property(anyManifests, anyManifests, (before, after) => {
        const published = compiled(before).table;
        const strict = { endpointHosts: [], allowLoopbackEndpoints: false, roleArns: [] };
        compile({ group, settings: strict, manifests: [...before, ...after] });
        compile({
          group: { ...group, routerClass: "gold" },
          settings,
          manifests: after,
          published,
        });
        const fresh = after.map((each) => ({ ...each }));
        expect(compiled(after, published)).toEqual(compiled(fresh, published));
      }),
      { numRuns: 300 },
    );
  });

  test("does not change its input", () => {
    fc.assert(
      fc.property(plausibleManifests, (manifests) => {
        const copy = structuredClone(manifests);
        compiled(manifests);
        expect(manifests).toEqual(copy);
      }),
    );
  });

  test("finds nothing new where nothing has changed since publishing", () => {
    fc.assert(
      fc.property(plausibleManifests, (manifests) => {
        const first = compiled(manifests).table;
        const second = compiled(manifests, first).table;
        expect(compiled(manifests, second).table).toEqual(second);
      }),
      { numRuns: 300 },
    );
  });

  test("every resource of the group that is not in the table has a finding that says why", () => {
    fc.assert(
      fc.property(plausibleManifests, (manifests) => {
        const { table, findings } = compiled(manifests);
        const told = new Set(findings.map(({ ref }) => `${ref.kind}/${ref.name}`));
        for (const { kind, metadata, spec } of manifests) {
          if (
            kind !== "ModelRoute" ||
            (spec as { routerClass?: unknown }).routerClass !== "default"
          )
            continue;
          const present = Object.hasOwn(table.routes, metadata.name);
          expect([metadata.name, present || told.has(`ModelRoute/${metadata.name}`)]).toEqual([
            metadata.name,
            true,
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** A key that two denied policies name is refused under the one or the other: nobody can tell the difference. */
function withoutDeniedKeys(table: RoutingTable): RoutingTable {
  const tenants = Object.entries(table.tenants).map(([name, entry]) => [
    name,
    entry.denied === undefined ? entry : { ...entry, keys: [] },
  ]);
  return { ...table, tenants: Object.fromEntries(tenants) };
}

describe("one invalid resource more", () => {
  const invalid: fc.Arbitrary<Manifest> = fc.oneof(
    fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((spec) => manifest("ModelRoute", "invalid", { ...spec, models: [] })),
    fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((spec) => manifest("ModelBackend", "invalid", { ...spec, type: "No" })),
    fc
      .uniqueArray(fc.constantFrom("a", "b", "c").map((letter) => letter.repeat(64)))
      .map((keys) =>
        tenant("invalid", keys, { surprise: true }, { creationTimestamp: "1999-01-01T00:00:00Z" }),
      ),
  );

  test("changes no other's entry", () => {
    fc.assert(
      fc.property(plausibleManifests, invalid, (manifests, more) => {
        const before = compiled(manifests).table;
        const after = compiled([...manifests, more]).table;
        const { invalid: _, ...tenants } = after.tenants;
        expect(withoutDeniedKeys({ ...after, tenants })).toEqual(withoutDeniedKeys(before));
      }),
      { numRuns: 300 },
    );
  });
});

describe("groups", () => {
  test("are the distinct pairs of namespace and class of the routes, sorted", () => {
    const manifests = [
      route("a", ["x"], { routerClass: "gpu" }),
      route("b", ["x"]),
      route("c", ["x"], {}, { namespace: "alpha" }),
      route("d", ["x"], { routerClass: "gpu", models: "broken" }),
      route("e", ["x"], { routerClass: ["not a class"] }),
      backend("x", {}),
      tenant("t", [], {}, { namespace: "no-routes" }),
    ];
    expect(groupsOf(manifests)).toEqual([
      { namespace: "alpha", routerClass: "default" },
      { namespace: "default", routerClass: "default" },
      { namespace: "default", routerClass: "gpu" },
    ]);
  });

  test("of any manifests are found without throwing, and each compiles", () => {
    fc.assert(
      fc.property(anyManifests, (manifests) => {
        for (const each of groupsOf(manifests)) {
          const { table } = compile({ group: each, settings, manifests });
          expect(decodeTable(encodeTable(table)).ok).toBe(true);
        }
      }),
    );
  });

  test("a route that loses its class by a slip stays where it was published", () => {
    const gpu = { namespace: "default", routerClass: "gpu" };
    const before = [backend("x"), route("a", ["x"], { routerClass: "gpu" })];
    const published = compile({ group: gpu, settings, manifests: before }).table;
    const after = [backend("x"), route("a", ["x"], { routerClass: 7 })];
    const { table } = compile({ group: gpu, settings, manifests: after, published });
    expect(table.routes).toEqual(published.routes);
  });
});

test("thousands of routes, backends and tenants compile to a table of all of them", () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `r-${index}`);
  const manifests = [
    ...names.map((name) => backend(name)),
    ...names.map((name, index) =>
      route(name, [name, names[(index + 1) % 2_000] ?? name, "missing"]),
    ),
    ...names
      .slice(0, 200)
      .map((name, index) => tenant(name, [index.toString(16).padStart(64, "0")])),
  ];
  const { table, findings } = compiled(manifests);
  expect(Object.keys(table.routes)).toHaveLength(2_000);
  expect(Object.keys(table.backends)).toHaveLength(2_000);
  expect(Object.keys(table.tenants)).toHaveLength(200);
  expect(findings).toHaveLength(2_000);
});
