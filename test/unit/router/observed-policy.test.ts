// A policy with `enforcement: Observe`: what it changes for a caller, and what is said of it.
import { hash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { startRouter, type RunningRouter } from "../../../src/router/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../../../src/table/index.ts";
import { makeParts, reply, type Script } from "../../support/router-parts.ts";
import {
  backendEntry,
  byName,
  pricedAt,
  routeEntry,
  tenantEntry,
} from "../routing/sample-entries.ts";

const key = "sy_observed";
const answers: Script = { chat: () => reply() };
const fails: Script = {
  chat: () => {
    throw new ProviderError("throttled", "By order");
  },
};

let router: RunningRouter | undefined;
afterEach(async () => {
  await router?.stop();
  router = undefined;
});

interface Setting {
  policy: Partial<TenantEntry>;
  backends?: readonly BackendEntry[];
  route?: Partial<RouteEntry>;
  scripts?: Record<string, Script>;
}

const a = backendEntry("a", { prices: pricedAt(10, 10) });
const b = backendEntry("b");

/** What a caller of the tenant gets, and its record. */
async function ask({ policy, backends = [a, b], route = {}, scripts }: Setting) {
  const fallback = { ...routeEntry([]).fallback, when: ["RateLimited"] as const };
  const entry = routeEntry(backends, { selection: "Ordered", fallback, ...route });
  const keys = [{ id: "key-1", sha256: hash("sha256", key) }];
  const parts = makeParts(
    {
      schemaVersion: 1,
      group: { namespace: "shop", routerClass: "default" },
      backends: byName(backends),
      routes: { [entry.name]: entry },
      plans: {},
      tenants: { acme: tenantEntry({ keys, ...policy }) },
    },
    scripts ?? { a: answers, b: answers },
  );
  router = await startRouter(parts);
  const next = parts.records.next();
  const response = await fetch(`${router.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "assistant", messages: [{ role: "user", content: "Hi" }] }),
  });
  await response.text();
  return { status: response.status, record: await next };
}

const observe = { enforcement: "Observe" } as const;

describe("a policy that only observes", () => {
  it("serves what no allowed backend could, and says that it would have been refused", async () => {
    const policy = { allowedBackends: ["elsewhere"] };
    const enforced = await ask({ policy });
    expect(enforced.status).toBe(400);
    expect(enforced.record.would_refuse).toEqual([]);
    await router?.stop();
    const observed = await ask({ policy: { ...policy, ...observe } });
    expect(observed.status).toBe(200);
    expect(observed.record).toMatchObject({
      tenant: "acme",
      would_refuse: ["allowed_backends"],
      would_divert: [],
    });
  });

  it("lets a backend serve that is not allowed, and says that another would have", async () => {
    const { record } = await ask({ policy: { allowedBackends: ["b"], ...observe } });
    expect(record.attempts.map(({ backend }) => backend)).toEqual(["a"]);
    expect(record).toMatchObject({ would_refuse: [], would_divert: ["allowed_backends"] });
  });

  it("says so of a fallback, too", async () => {
    const policy = { allowedBackends: ["a"], ...observe };
    const { status, record } = await ask({ policy, scripts: { a: fails, b: answers } });
    expect(status).toBe(200);
    expect(record.attempts.map(({ backend }) => backend)).toEqual(["a", "b"]);
    expect(record.would_divert).toEqual(["allowed_backends"]);
  });

  it("says nothing where the enforced policy would have done the same", async () => {
    const { record } = await ask({ policy: { allowedBackends: ["a"], ...observe } });
    expect(record).toMatchObject({ would_refuse: [], would_divert: [] });
  });

  it("chooses within the route's envelope alone, and says which ceiling would have told otherwise", async () => {
    const quick = backendEntry("quick", {
      expectations: { firstTokenP95Ms: 100, tokensPerSecond: 100 },
      prices: pricedAt(10, 10),
    });
    const policy = { envelope: { firstTokenP95Ms: 300 } };
    const setting = {
      backends: [b, quick],
      route: { selection: "CheapestWithinEnvelope" },
      scripts: { b: answers, quick: answers },
    } as const;
    const enforced = await ask({ ...setting, policy });
    expect(enforced.record.attempts[0]?.backend).toBe("quick");
    await router?.stop();
    const observed = await ask({ ...setting, policy: { ...policy, ...observe } });
    expect(observed.record.attempts[0]?.backend).toBe("b");
    expect(observed.record.would_divert).toEqual(["envelope"]);
    expect(observed.record.envelope_missed).toBe(false);
  });

  it.each<[string, Partial<TenantEntry>, number]>([
    ["which routes are granted", { routes: null }, 404],
    ["where data may be processed", { residencyRegions: ["eu-west-1"] }, 400],
    ["who is cleared for the data", { dataClasses: ["pii"] }, 400],
    ["that an invalid policy denies", { denied: { message: "no" } }, 403],
    [
      "that a key has expired",
      { keys: [{ id: "key-1", sha256: hash("sha256", key), expiresAt: 1 }] },
      401,
    ],
  ])("still enforces %s", async (_what, policy, status) => {
    expect((await ask({ policy: { ...policy, ...observe } })).status).toBe(status);
  });
});
