import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dropOf } from "../../../../src/routing/index.ts";
import { shadowBackend } from "../../../../src/router/shadow/shadow-backend.ts";
import type { BackendEntry } from "../../../../src/table/index.ts";
import {
  backendEntry,
  byName,
  chatNeeds,
  routeEntry,
  tenantEntry,
} from "../../routing/sample-entries.ts";

const backends = ["a", "b", "c", "base"].map((name) => backendEntry(name));
const route = routeEntry(backends);
const asked = { route, backends: byName(backends), tenant: null, needs: chatNeeds() };

/** The same, with one of them changed. */
function having(name: string, changes: Partial<BackendEntry>) {
  const changed = backends.map((each) => (each.name === name ? { ...each, ...changes } : each));
  return { ...asked, backends: byName(changed) };
}

const tenant = tenantEntry({ residencyRegions: ["us-east-1"], dataClasses: ["pii"] });

describe("who answers a second time", () => {
  it("is the baseline, whichever other candidate has answered", () => {
    for (const served of ["a", "b", "c"]) {
      expect(shadowBackend(asked, served, 0.99)?.name).toBe("base");
    }
  });

  it("is each of the others in turn where the baseline has answered", () => {
    const drawn = [0, 0.34, 0.67].map((which) => shadowBackend(asked, "base", which)?.name);
    expect(drawn).toEqual(["a", "b", "c"]);
  });

  it.each<[string, Partial<BackendEntry>]>([
    ["lies in another region", { processingRegions: ["eu-west-1"], dataClasses: ["pii"] }],
    ["does not say where its data goes", { processingRegions: null, dataClasses: ["pii"] }],
    ["is not cleared for the tenant's data", {}],
  ])("is nobody where the baseline %s", (_what, changes) => {
    expect(shadowBackend({ ...having("base", changes), tenant }, "a", 0)).toBeUndefined();
  });

  it("is nobody where the tenant may not use the baseline, or the request does not fit it", () => {
    const narrow = tenantEntry({ allowedBackends: ["a", "b"] });
    expect(shadowBackend({ ...asked, tenant: narrow }, "a", 0)).toBeUndefined();
    expect(shadowBackend(having("base", { contextWindow: 1 }), "a", 0)).toBeUndefined();
  });

  it("is nobody where the baseline has left the route's candidates", () => {
    const left = { ...asked, route: { ...route, baseline: "gone" } };
    expect(shadowBackend(left, "a", 0)).toBeUndefined();
  });

  it("is never one that a hard limit keeps out, nor the one that has answered", () => {
    const regions = fc.constantFrom(["us-east-1"], ["eu-west-1"], null);
    const classes = fc.constantFrom([], ["pii"]);
    const made = fc.tuple(...backends.map(() => fc.record({ regions, classes })));
    const served = fc.constantFrom("a", "b", "c", "base");
    const which = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(made, served, which, (changes, name, draw) => {
        const entries = backends.map((backend, index) => ({
          ...backend,
          processingRegions: changes[index]?.regions ?? null,
          dataClasses: changes[index]?.classes ?? [],
        }));
        const found = shadowBackend({ ...asked, backends: byName(entries), tenant }, name, draw);
        if (found === undefined) return;
        expect(dropOf(found, asked.needs, tenant)).toBeUndefined();
        expect(found.name).not.toBe(name);
      }),
    );
  });
});
