import { describe, expect, test } from "vitest";

import type { RouteEntry } from "../../../src/table/index.ts";
import {
  admit,
  buildKeyIndex,
  buildRouteIndex,
  identify,
  visibleRoutes,
  type Credential,
} from "../../../src/tenancy/index.ts";
import { byName, keyEntry, routeEntry, tenantEntry } from "./sample-entries.ts";

const now = 1_000;
const denied = { message: "Its policy is not valid" };
const keys = buildKeyIndex({
  tenants: byName([
    tenantEntry("wide", { routes: {}, keys: [keyEntry("wide")] }),
    tenantEntry("narrow", {
      routes: { matchLabels: { team: "search" } },
      keys: [keyEntry("narrow")],
    }),
    tenantEntry("bare", {
      routes: null,
      keys: [keyEntry("bare"), keyEntry("old", { expiresAt: now })],
    }),
    tenantEntry("shut", { routes: {}, denied, keys: [keyEntry("shut")] }),
  ]),
});

const open = routeEntry("open", { access: "Anonymous" });
const search = routeEntry("search", {
  labels: { team: "search" },
  models: ["search", "search-latest"],
});
const ads = routeEntry("ads", { labels: { team: "ads" } });
const groups: Record<string, RouteEntry[]> = { closed: [search, ads], mixed: [open, search, ads] };

const callers: Record<string, Credential> = {
  "no key": { kind: "none" },
  "a malformed key": { kind: "malformed", message: "So it must read." },
  "an unknown key": { kind: "key", value: "nobody's" },
  "an expired key": { kind: "key", value: "old" },
  "a denied tenant": { kind: "key", value: "shut" },
  "a tenant of all routes": { kind: "key", value: "wide" },
  "a tenant of the search routes": { kind: "key", value: "narrow" },
  "a tenant of no route": { kind: "key", value: "bare" },
};

const identificationOf = (caller: string) => identify(callers[caller]!, keys, now);
const indexOf = (group: string) => buildRouteIndex({ routes: byName(groups[group]!) });

function decide(caller: string, group: string, model: string): string {
  const decision = admit(identificationOf(caller), indexOf(group), model);
  if (!decision.ok) return decision.error.code;
  const { route, identity } = decision.value;
  return `${route.name} as ${identity.tenant?.name ?? "anonymous"}`;
}

describe("admission to a route", () => {
  // Columns: the Anonymous route, a route of team search, one of team ads, a name that nobody serves.
  const mixed: Record<string, [string, string, string, string]> = {
    "no key": ["open as anonymous", "missing_api_key", "missing_api_key", "model_not_found"],
    "a malformed key": [
      "open as anonymous",
      "invalid_api_key",
      "invalid_api_key",
      "model_not_found",
    ],
    "an unknown key": [
      "open as anonymous",
      "invalid_api_key",
      "invalid_api_key",
      "model_not_found",
    ],
    "an expired key": [
      "open as anonymous",
      "expired_api_key",
      "expired_api_key",
      "model_not_found",
    ],
    "a denied tenant": ["tenant_denied", "tenant_denied", "tenant_denied", "tenant_denied"],
    "a tenant of all routes": ["open as wide", "search as wide", "ads as wide", "model_not_found"],
    "a tenant of the search routes": [
      "open as narrow",
      "search as narrow",
      "model_not_found",
      "model_not_found",
    ],
    "a tenant of no route": [
      "open as bare",
      "model_not_found",
      "model_not_found",
      "model_not_found",
    ],
  };
  const closed: Record<string, [string, string, string]> = {
    "no key": ["missing_api_key", "missing_api_key", "missing_api_key"],
    "a malformed key": ["invalid_api_key", "invalid_api_key", "invalid_api_key"],
    "an unknown key": ["invalid_api_key", "invalid_api_key", "invalid_api_key"],
    "an expired key": ["expired_api_key", "expired_api_key", "expired_api_key"],
    "a denied tenant": ["tenant_denied", "tenant_denied", "tenant_denied"],
    "a tenant of all routes": ["search as wide", "ads as wide", "model_not_found"],
    "a tenant of the search routes": ["search as narrow", "model_not_found", "model_not_found"],
    "a tenant of no route": ["model_not_found", "model_not_found", "model_not_found"],
  };

  test("the decision tables speak of every caller", () => {
    expect(Object.keys(mixed)).toEqual(Object.keys(callers));
    expect(Object.keys(closed)).toEqual(Object.keys(callers));
  });

  test.each(Object.keys(callers))("in a group with an Anonymous route, with %s", (caller) => {
    const decisions = ["open", "search", "ads", "absent"].map((model) =>
      decide(caller, "mixed", model),
    );
    expect(decisions).toEqual(mixed[caller]);
  });

  test.each(Object.keys(callers))("in a group without any Anonymous route, with %s", (caller) => {
    const decisions = ["search", "ads", "absent"].map((model) => decide(caller, "closed", model));
    expect(decisions).toEqual(closed[caller]);
  });

  test("in a closed group a caller without a valid key cannot tell a model that exists from one that does not", () => {
    for (const caller of ["no key", "a malformed key", "an unknown key", "an expired key"]) {
      const identification = identificationOf(caller);
      const there = admit(identification, indexOf("closed"), "search");
      expect(there).toEqual(admit(identification, indexOf("closed"), "absent"));
    }
  });

  test("a tenant cannot tell a model that it may not use from one that does not exist", () => {
    const identification = identificationOf("a tenant of the search routes");
    const refusals = ["ads", "ad5"].map((model) => {
      const decision = admit(identification, indexOf("mixed"), model);
      return decision.ok ? "" : JSON.stringify(decision.error).replaceAll(model, "MODEL");
    });
    expect(refusals[0]).toBe(refusals[1]);
    expect(refusals[0]).toContain("model_not_found");
  });

  test("every name of a route leads to it, and what every object inherits leads nowhere", () => {
    expect(decide("a tenant of all routes", "closed", "search-latest")).toBe("search as wide");
    for (const model of ["constructor", "__proto__", "toString", ""]) {
      expect(decide("a tenant of all routes", "closed", model)).toBe("model_not_found");
    }
  });

  test("a long name is not echoed whole", () => {
    const decision = admit(
      identificationOf("a tenant of no route"),
      indexOf("closed"),
      "m".repeat(10_000),
    );
    expect(decision).toMatchObject({ ok: false, error: { param: "model" } });
    if (!decision.ok) expect(decision.error.message.length).toBeLessThan(250);
  });

  test("the identity carries the key's id", () => {
    const decision = admit(identificationOf("a tenant of all routes"), indexOf("mixed"), "open");
    expect(decision).toMatchObject({ ok: true, value: { identity: { keyId: "id-of-wide" } } });
  });
});

describe("the routes that a caller sees", () => {
  function seen(caller: string, group: string): string[] | string {
    const visible = visibleRoutes(identificationOf(caller), indexOf(group));
    return visible.ok ? visible.value.map(({ name }) => name) : visible.error.code;
  }

  test.each([
    ["no key", ["open"], "missing_api_key"],
    ["a malformed key", ["open"], "invalid_api_key"],
    ["an unknown key", ["open"], "invalid_api_key"],
    ["an expired key", ["open"], "expired_api_key"],
    ["a denied tenant", "tenant_denied", "tenant_denied"],
    ["a tenant of all routes", ["ads", "open", "search"], ["ads", "search"]],
    ["a tenant of the search routes", ["open", "search"], ["search"]],
    ["a tenant of no route", ["open"], []],
  ])("with %s", (caller, inMixed, inClosed) => {
    expect(seen(caller, "mixed")).toEqual(inMixed);
    expect(seen(caller, "closed")).toEqual(inClosed);
  });

  test("are exactly those that it is admitted to", () => {
    for (const caller of Object.keys(callers)) {
      for (const [group, routes] of Object.entries(groups)) {
        const visible = seen(caller, group);
        const admitted = routes.filter(({ name }) =>
          decide(caller, group, name).startsWith(`${name} as`),
        );
        expect(typeof visible === "string" ? [] : visible).toEqual(
          admitted.map(({ name }) => name).toSorted(),
        );
      }
    }
  });
});
