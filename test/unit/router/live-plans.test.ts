import { describe, expect, it } from "vitest";
import { livePlans } from "../../../src/router/live-plans.ts";
import type { Plan, PlanEntry } from "../../../src/table/index.ts";
import { makeParts } from "../../support/router-parts.ts";

const certificate = { expiresAt: 61_000 } as Plan["certificate"] & object;
const plan = (changes: Partial<Plan>): Plan => ({ certificate, ...changes }) as Plan;
const interval = { estimate: 0.5, lower: 0.4, upper: 0.6 };

/** As the only plan of the table in use, a second after the epoch. */
function reading(entry: Partial<PlanEntry>) {
  const { tables } = makeParts(undefined, {});
  const plans = { chat: { route: "chat", tenant: null, current: null, ...entry } };
  Object.defineProperty(tables, "current", { value: { table: { plans } } });
  return livePlans({ tables, clock: { now: () => 1_000, elapsed: () => 0 } });
}

describe("the plans of the table in use", () => {
  it("share the requests between the one that is followed and the one that is rolled out", () => {
    const next = { plan: plan({ certificate: null }), sharePercent: 10 };
    const measured = { at: 0, labels: 10, requests: 100, kept: interval, saved: null };
    expect(reading({ current: plan({}), next, measured, tenant: "acme" })).toEqual([
      {
        route: "chat",
        tenant: "acme",
        kept: interval,
        saved: null,
        rollouts: [
          { rollout: "current", share: 0.9, expiresInSeconds: 60 },
          { rollout: "next", share: 0.1, expiresInSeconds: null },
        ],
      },
    ]);
  });

  it("say nothing of rollouts where the baseline serves, and count the seconds since an expiry", () => {
    expect(reading({})).toMatchObject([{ rollouts: [], kept: null, saved: null }]);
    const expired = plan({ certificate: { ...certificate, expiresAt: 0 } });
    expect(reading({ current: expired })).toMatchObject([{ rollouts: [{ expiresInSeconds: -1 }] }]);
  });

  it("are none before the first table", () => {
    expect(livePlans(makeParts(undefined, {}))).toEqual([]);
  });
});
