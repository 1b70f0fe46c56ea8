import { describe, expect, it } from "vitest";
import { Replay, ReplayBasis, type ReplayReport } from "../../../src/policy/index.ts";
import type { EvidenceRow, RequestRecord } from "../../../src/records/index.ts";
import type { PlanEntry, RouteEntry, RoutingTable } from "../../../src/table/index.ts";
import { makeAttemptRecord, makeRecord } from "../../support/observations.ts";
import {
  backendEntry,
  byName,
  certificateOf,
  planEntryOf,
  planOf,
  pricedAt,
  routeEntry,
} from "../routing/sample-entries.ts";

const small = backendEntry("small", { prices: pricedAt(1, 1) });
const frontier = backendEntry("frontier", { prices: pricedAt(10, 10) });
const newcomer = backendEntry("newcomer", { prices: pricedAt(2, 2) });
const both = [small, frontier];

/** A thousand tokens in and as many out, at the prices above. */
const usdAt = { small: 0.002, frontier: 0.02 } as const;

type Name = keyof typeof usdAt;

function estimate(backend: Name, p: number): RequestRecord["estimates"][number] {
  return {
    backend,
    p_correct: p,
    cost_usd: usdAt[backend],
    expected_cost_usd: usdAt[backend],
    ttft_p95_ms: 500,
    total_p95_ms: 2_000,
    in_envelope: true,
    dropped: null,
  };
}

let requests = 0;

/** A request that the backend answered, on which the small one is good for `p` and the frontier for 0.9. */
function record(served: Name, p: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  requests += 1;
  const tokens = {
    in: 1_000,
    out: 1_000,
    cache_read: 0,
    cache_write: 0,
    cache_write_1h: 0,
    reasoning: 0,
  };
  const cost_usd = usdAt[served];
  return makeRecord({
    ts: new Date(0).toISOString(),
    request_id: `r${requests}`,
    route: "chat",
    tenant: null,
    classifier_digest: "judge",
    attempts: [makeAttemptRecord({ backend: served, tokens, cost_usd })],
    ledger: [{ kind: "answer", backend: served, tokens, units: null, cost_usd, basis: "metered" }],
    tokens,
    cost_usd,
    baseline_cost_usd: usdAt.frontier,
    confidence: served === "small" ? p : 0.9,
    estimates: [estimate("small", p), estimate("frontier", 0.9)],
    ...changes,
  });
}

function tableOf(route: Partial<RouteEntry>, plan?: PlanEntry, backends = both): RoutingTable {
  return {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends: byName(backends),
    routes: { chat: routeEntry(backends, { baseline: "frontier", ...route }) },
    tenants: {},
    plans: plan === undefined ? {} : { chat: plan },
  };
}

function replay(
  table: RoutingTable,
  records: readonly RequestRecord[],
  evidence: readonly EvidenceRow[] = [],
): ReplayReport {
  const basis = new ReplayBasis(table);
  for (const each of records) basis.add(each);
  for (const each of evidence) basis.addEvidence(each);
  const replayed = new Replay(table, basis);
  for (const each of records) replayed.add(each);
  return replayed.report();
}

const certified = { quality: { floorPercent: 95, assurance: "Certified" } } as const;
/** Half of them easy. The baseline served all. */
const day = [...Array(10).keys()].map((place) => record("frontier", place < 5 ? 0.88 : 0.3));

describe("a replay", () => {
  it("of a plan says what would have been saved, kept and certified, request by request", () => {
    const { total, left } = replay(
      tableOf(certified, planEntryOf(planOf(both, { lambda: 10 }))),
      day,
    );
    expect(total).toMatchObject({ requests: 10, changed: 5, reasons: { planned: 10 } });
    expect(total.recorded).toMatchObject({ saved: 0, certified: 0, baseline: 1 });
    expect(total.replayed.costUsd).toBeCloseTo(5 * 0.02 + 5 * 0.002, 12);
    expect(total.replayed.saved).toBeCloseTo(0.45, 12);
    expect(total.replayed).toMatchObject({ certified: 1, backends: { frontier: 0.5, small: 0.5 } });
    expect(total.replayed.kept?.estimate).toBeCloseTo((5 * 0.88 + 5 * 0.9) / 9, 12);
    expect(total.replayed.kept?.labelled).toBe(0);
    expect(Object.values(left)).toEqual(Object.values(left).map(() => 0));
  });

  it.each([
    ["a greater λ", { lambda: 40 }, 10],
    ["none at all", { lambda: 0 }, 0],
  ])("follows an edited plan: %s", (_, changes, moved) => {
    const plan = planEntryOf(planOf(both, changes));
    expect(replay(tableOf(certified, plan), day).total.changed).toBe(moved);
  });

  it("of a plan whose certificate had expired by then leaves all to the baseline", () => {
    const expired = planOf(both, { lambda: 40, certificate: certificateOf({ expiresAt: -1 }) });
    const { total } = replay(tableOf(certified, planEntryOf(expired)), day);
    expect(total).toMatchObject({ changed: 0, reasons: { expired: 10 } });
    expect(total.replayed).toMatchObject({ certified: 0, baseline: 1, saved: 0 });
  });

  it("says of how many requests the plan would have been told more than was believed then", () => {
    const knowing = planOf(both, { lambda: 10, digest: "other", prior: [0, 2] });
    const records = [...day, record("small", 0.88, { plan_digest: "other" })];
    expect(replay(tableOf(certified, planEntryOf(knowing)), records).otherPrior).toBe(10);
  });

  it("says of how many requests went to the baseline by a pin, and replays them without", () => {
    const plan = planEntryOf(planOf(both, { lambda: 40 }));
    const free = replay(tableOf(certified, plan), day);
    const held = day.map((each) => ({ ...each, choice_reason: "pinned" }));
    const pinned = replay(tableOf(certified, plan), held);
    expect([free.pinned, pinned.pinned]).toEqual([0, day.length]);
    expect(pinned.total.replayed).toEqual(free.total.replayed);
  });

  it("counts a control arm and a Weighted route by their chances", () => {
    const arms = { shadowPercent: 0, controlPercent: 20 };
    const plan = planEntryOf(planOf(both, { lambda: 40 }));
    const { total } = replay(tableOf({ ...certified, arms }, plan), day);
    expect(total.replayed.backends["frontier"]).toBeCloseTo(0.2, 12);
    expect(total.replayed.backends["small"]).toBeCloseTo(0.8, 12);
    const candidates = [
      { backend: "small", weight: 3 },
      { backend: "frontier", weight: 1 },
    ];
    const weighted = replay(tableOf({ selection: "Weighted", candidates }), day).total;
    expect(weighted.replayed.backends).toEqual({ frontier: 0.25, small: 0.75 });
    expect(weighted.replayed.costUsd).toBeCloseTo(10 * (0.25 * 0.02 + 0.75 * 0.002), 12);
  });

  it("tells an envelope that more requests would break", () => {
    const { total } = replay(tableOf({ envelope: { totalP95Ms: 1_999 } }), day);
    expect(total.recorded.envelopeMissed).toBe(0);
    expect(total.replayed.envelopeMissed).toBe(1);
  });

  it("decides at the prices of now, which it finds by what answers were charged", () => {
    const dearer = backendEntry("frontier", { prices: pricedAt(40, 40) });
    const plan = planEntryOf(planOf(both, { lambda: 10 }));
    const { total, unpriced } = replay(tableOf(certified, plan, [small, dearer]), day);
    expect(total.changed).toBe(10);
    expect(total.replayed.costUsd).toBeCloseTo(10 * 0.002, 12);
    expect(total.replayed.saved).toBeCloseTo(1 - 0.002 / 0.08, 12);
    expect(unpriced).toEqual(["small"]);
  });

  it("prices another backend's answer by the tokens of the one that was given", () => {
    const long = day.map((each) => {
      const tokens = { ...each.tokens!, out: 9_000 };
      const ledger = each.ledger.map((line) => ({ ...line, tokens, cost_usd: 0.1 }));
      return { ...each, tokens, ledger, cost_usd: 0.1, baseline_cost_usd: 0.1 };
    });
    const plan = planEntryOf(planOf(both, { lambda: 40 }));
    const { replayed } = replay(tableOf(certified, plan), long).total;
    expect(replayed.costUsd).toBeCloseTo(10 * 0.01, 12);
    expect(replayed.saved).toBeCloseTo(0.9, 12);
  });

  it("scales expected costs as real ones have compared with them, where no tokens are known", () => {
    const twice = day.map((each) => ({
      ...each,
      ledger: each.ledger.map((line) => ({ ...line, tokens: null })),
      cost_usd: 2 * each.cost_usd,
    }));
    const plan = planEntryOf(planOf(both, { lambda: 40 }));
    expect(replay(tableOf(certified, plan), twice).total.replayed.costUsd).toBeCloseTo(0.04, 12);
  });

  it("corrects what is kept by labels, and holds their chance in the interval", () => {
    const plan = planEntryOf(planOf(both, { lambda: 40 }));
    const rows = [...Array(100).keys()].map(
      (place) =>
        ({
          route: "chat",
          options: [{ backend: "small", p: 0.59, expectedCostUsd: 1, inEnvelope: true }],
          labels: [{ backend: "small", score: place < 39 ? 1 : 0, source: "golden" }],
        }) as unknown as EvidenceRow,
    );
    const plain = replay(tableOf(certified, plan), day).total.replayed.kept!;
    const corrected = replay(tableOf(certified, plan), day, rows).total.replayed.kept!;
    expect(plain.estimate).toBeCloseTo(5.9 / 9, 12);
    expect(corrected.estimate).toBeCloseTo((5.9 - 10 * 0.2) / 9, 12);
    expect(corrected.labelled).toBe(1);
    expect(corrected.upper - corrected.lower).toBeGreaterThan(plain.upper - plain.lower + 0.05);
  });

  it("counts requests whose candidates of now were none then, and bounds their cost", () => {
    const backends = [small, newcomer, frontier];
    const { total } = replay(tableOf(certified, undefined, backends), day);
    expect(total.unknown.requests).toBe(10);
    expect(total.unknown.costUsd.lower).toBeCloseTo(10 * 0.004, 12);
    expect(total.unknown.costUsd.upper).toBeCloseTo(10 * 0.02, 12);
  });

  it("says which records it left out, and why", () => {
    const records = [
      record("small", 0.9, { route: "gone" }),
      record("small", 0.9, { estimates: [] }),
      record("small", 0.9, { arm: "golden" }),
      record("small", 0.9, { arm: "shadow" }),
      record("small", 0.9, { attempts: [] }),
      record("small", 0.9, { estimates: [estimate("small", 0.9)] }),
    ];
    const { total, left } = replay(tableOf({}), records);
    expect(total.requests).toBe(0);
    expect(left).toMatchObject({
      no_route: 1,
      no_estimates: 1,
      measuring: 2,
      unserved: 1,
      no_measure: 1,
    });
  });

  it("of the policy that the records had changes nothing and costs what was paid", () => {
    const plan = planEntryOf(planOf(both, { lambda: 10 }));
    const records = [...Array(20).keys()].map((place) =>
      place < 10 ? record("small", 0.88) : record("frontier", 0.3),
    );
    const { total } = replay(tableOf(certified, plan), records);
    expect(total.changed).toBe(0);
    expect(total.replayed.costUsd).toBeCloseTo(total.recorded.costUsd, 12);
    expect(total.replayed.kept).toEqual(total.recorded.kept);
    expect(total.replayed.saved).toBeCloseTo(total.recorded.saved!, 12);
  });
});
