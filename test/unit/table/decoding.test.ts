import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { canonicalJson, type Json } from "../../../src/lib/index.ts";
import {
  bucketOf,
  contentDigest,
  decodeTable,
  encodeTable,
  pointerDigest,
  readPointer,
  type EncodedTable,
  type RoutingTable,
  type TableError,
} from "../../../src/table/index.ts";
import { planEntry } from "../../support/plan-entry.ts";
import { arbitraryTable } from "./arbitrary-table.ts";

const small: RoutingTable = {
  schemaVersion: 1,
  group: { namespace: "shop", routerClass: "default" },
  backends: {},
  routes: {
    assistant: {
      name: "assistant",
      type: "Chat",
      models: ["assistant"],
      access: "Anonymous",
      labels: {},
      envelope: {},
      quality: { floorPercent: 95, assurance: "Estimated" },
      baseline: "large",
      selection: "Ordered",
      candidates: [],
      fallback: {
        when: ["RateLimited"],
        maxAttempts: 3,
        totalTimeoutMs: 60_000,
        retryBudgetPercent: 20,
      },
      createdAt: 0,
    },
  },
  tenants: {},
  plans: {},
};

/** The table with one bucket's content replaced, and every digest made to fit again. */
function forged(index: number, content: string | Uint8Array): EncodedTable {
  const encoded = encodeTable(small);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const buckets = encoded.buckets.map((old, at) => (at === index ? bytes : old));
  const pointer = {
    ...encoded.pointer,
    buckets: buckets.map((bucket) => ({ digest: contentDigest(bucket) })),
  };
  return { buckets, pointer: { ...pointer, digest: pointerDigest(pointer) } };
}

function errorOf(encoded: { pointer: unknown; buckets: readonly Uint8Array[] }): TableError {
  const decoded = decodeTable(encoded);
  if (decoded.ok) throw new Error("the table was accepted");
  return decoded.error;
}

const home = bucketOf("routes", "assistant");
const entry = (change: Record<string, unknown>) =>
  JSON.stringify({
    backends: {},
    routes: { assistant: { ...small.routes["assistant"], ...change } },
    tenants: {},
    plans: {},
  });

describe("decoding a table", () => {
  test("any changed byte of any bucket is refused, and the bucket is named", () => {
    fc.assert(
      fc.property(
        arbitraryTable,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (table, at, offset, flip) => {
          const encoded = encodeTable(table);
          const index = at % encoded.buckets.length;
          const bytes = Uint8Array.from(encoded.buckets[index] ?? []);
          const position = offset % bytes.length;
          bytes[position] = (bytes[position] ?? 0) ^ flip;
          const buckets = encoded.buckets.map((old, place) => (place === index ? bytes : old));
          expect(errorOf({ ...encoded, buckets })).toMatchObject({
            code: "DigestMismatch",
            bucket: index,
          });
        },
      ),
    );
  });

  test("any changed byte of the pointer is refused", () => {
    const { pointer, buckets } = encodeTable(small);
    const text = canonicalJson(pointer as unknown as Json);
    fc.assert(
      fc.property(
        fc.nat({ max: text.length - 1 }),
        fc.integer({ min: 32, max: 126 }),
        (position, code) => {
          const changed =
            text.slice(0, position) + String.fromCharCode(code) + text.slice(position + 1);
          fc.pre(changed !== text);
          let parsed: unknown;
          try {
            parsed = JSON.parse(changed);
          } catch {
            return;
          }
          expect(decodeTable({ pointer: parsed, buckets }).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("bytes of any kind under a fitting digest never make it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat({ max: 31 }), (bytes, index) => {
        expect(errorOf(forged(index, bytes))).toMatchObject({
          code: "BucketInvalid",
          bucket: index,
        });
      }),
    );
  });

  test("JSON of any shape under a fitting digest is refused and never makes it throw", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat({ max: 31 }), (json, index) => {
        expect(errorOf(forged(index, json)).bucket).toBe(index);
      }),
    );
  });

  test.each([
    [
      "an unknown member",
      entry({ surprise: true }),
      "BucketInvalid",
      'routes.assistant: Unrecognized key: "surprise"',
    ],
    ["a wrong type", entry({ createdAt: "now" }), "BucketInvalid", "routes.assistant.createdAt"],
    [
      "a number beyond the exact ones",
      entry({ createdAt: 2 ** 60 }),
      "BucketInvalid",
      "routes.assistant.createdAt",
    ],
    [
      "a missing member",
      entry({ fallback: undefined }),
      "BucketInvalid",
      "routes.assistant.fallback",
    ],
    [
      "another name",
      entry({ name: "other" }),
      "BucketInvalid",
      "holds routes/assistant under the name other",
    ],
    ["no text", "", "BucketInvalid", "is not JSON"],
    ["deep nesting", "[".repeat(200_000), "BucketInvalid", "is not JSON"],
  ])("a bucket with %s is refused with its place", (_, content, code, message) => {
    const error = errorOf(forged(home, content));
    expect(error).toMatchObject({ code, bucket: home });
    expect(error.message).toContain(message);
  });

  test("an entry in another bucket than its own is refused", () => {
    const elsewhere = (home + 1) % 32;
    expect(errorOf(forged(elsewhere, entry({})))).toMatchObject({
      code: "EntryMisplaced",
      bucket: elsewhere,
    });
  });

  test.each([
    [
      "a candidate that the table lacks",
      {
        ...small,
        routes: {
          assistant: { ...small.routes["assistant"], candidates: [{ backend: "gone", weight: 1 }] },
        },
      },
      "Route assistant has the candidate gone",
    ],
    [
      "two routes with one model name",
      {
        ...small,
        routes: { ...small.routes, second: { ...small.routes["assistant"], name: "second" } },
      },
      'both serve the model "assistant"',
    ],
    [
      "one key in two tenants",
      { ...small, tenants: { first: tenantHolding("first"), second: tenantHolding("second") } },
      "both hold the key laptop",
    ],
    [
      "a plan for a route that the table lacks",
      { ...small, plans: { gone: { route: "gone", tenant: null, current: null } } },
      "Plan gone is for a route that the table lacks",
    ],
    [
      "a plan that may choose what is no candidate",
      {
        ...small,
        plans: { "assistant/acme": planEntry({ route: "assistant", tenant: "acme" }) },
      },
      "Plan assistant/acme may choose small, which is no candidate of its route",
    ],
    [
      "two classifiers of the group's own",
      {
        ...small,
        routes: {
          assistant: { ...small.routes["assistant"], classifier: "a".repeat(64) },
          second: {
            ...small.routes["assistant"],
            name: "second",
            models: ["second"],
            classifier: "b".repeat(64),
          },
        },
      },
      `Route second names the classifier ${"b".repeat(64)}, and the pointer ${"a".repeat(64)}`,
    ],
  ])("buckets that together have %s are refused", (_, table, message) => {
    const error = errorOf(encodeTable(table as RoutingTable));
    expect(error.code).toBe("Inconsistent");
    expect(error.message).toContain(message);
  });

  test.each([
    [
      "a classifier that no route names",
      { model: { digest: "a".repeat(64) } },
      "and no route does",
    ],
    ["no classifier where a route names one", {}, "and the pointer none"],
  ])("a pointer with %s is refused", (_, model, message) => {
    const named = "model" in model ? {} : { classifier: "a".repeat(64) };
    const route = { ...small.routes["assistant"], ...named };
    const { pointer, buckets } = encodeTable({
      ...small,
      routes: { assistant: route },
    } as RoutingTable);
    const { model: _model, digest: _digest, ...rest } = pointer;
    const other = { ...rest, ...model };
    const error = errorOf({ pointer: { ...other, digest: pointerDigest(other) }, buckets });
    expect(error.code).toBe("Inconsistent");
    expect(error.message).toContain(message);
  });

  test("a later schema version is refused by name before anything else is looked at", () => {
    const read = readPointer({ schemaVersion: 2, novelty: true });
    expect(read).toEqual({
      ok: false,
      error: {
        code: "SchemaVersion",
        message: "The table has schema version 2; this release reads 1",
      },
    });
  });

  test.each([[null], [undefined], [7], ["text"], [[]], [{}]])("%j is no pointer", (value) => {
    expect(errorOf({ pointer: value, buckets: [] }).code).toBe("PointerInvalid");
  });

  test("too few buckets are refused", () => {
    const { pointer, buckets } = encodeTable(small);
    expect(errorOf({ pointer, buckets: buckets.slice(1) }).code).toBe("PointerInvalid");
  });
});

function tenantHolding(name: string) {
  return {
    name,
    keys: [{ id: "laptop", sha256: "ab".repeat(32) }],
    routes: null,
    allowedBackends: null,
    residencyRegions: null,
    dataClasses: [],
    envelope: {},
    budgets: [],
    rateLimits: {},
    enforcement: "Enforce",
    storeFailure: "FailOpen",
  };
}
