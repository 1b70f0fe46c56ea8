import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationSlots } from "../../../src/console/traffic/duration-slots.ts";
import { RecentRequests } from "../../../src/console/traffic/recent-requests.ts";
import { RecordRing } from "../../../src/console/traffic/record-ring.ts";
import { SlotSums } from "../../../src/console/traffic/slot-sums.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import { arbitraryRecord } from "../../support/arbitrary-record.ts";
import { answered, failed, handClock, trafficOf } from "../../support/console-facts.ts";
import { makeAttemptRecord } from "../../support/observations.ts";

const named = (id: string, record: RequestRecord): RequestRecord => ({ ...record, request_id: id });
const ids = (records: readonly RequestRecord[]): string[] => records.map((each) => each.request_id);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe("the last requests", () => {
  it("are 200 at most, the newest first", () => {
    const requests = new RecentRequests();
    for (const id of numbered(1_000)) requests.add(named(id, answered()));
    for (const id of numbered(1_000)) requests.add(named(`bad ${id}`, failed("internal")));
    const kept = ids(requests.all());
    expect(kept.length).toBe(200);
    expect(kept[0]).toBe("bad 999");
    expect(kept.at(-1)).toBe("880");
  });

  it("still hold one that went wrong when thousands have gone well since", () => {
    const requests = new RecentRequests();
    requests.add(named("early", failed("internal")));
    for (const id of numbered(5_000)) requests.add(named(id, answered()));
    expect(ids(requests.all()).at(-1)).toBe("early");
  });

  it("are the objects that were written, and no copies", () => {
    const requests = new RecentRequests();
    const record = answered();
    requests.add(record);
    expect(requests.all()[0]).toBe(record);
  });

  it("hold no more bytes than they may, however large records are", () => {
    const large = answered({
      attempts: Array.from({ length: 50 }, () => makeAttemptRecord()),
      request_model: "x".repeat(512),
    });
    const ring = new RecordRing({ records: 1_000, bytes: 200_000 });
    for (let order = 0; order < 1_000; order += 1) ring.add(order, large);
    const bytes = ring.all().length * JSON.stringify(large).length;
    expect(ring.all().length).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(200_000);
    expect(ring.all().at(-1)?.order).toBe(999);
  });

  it("are told in the order in which they were written, whatever they are (property)", () => {
    fc.assert(
      fc.property(fc.array(arbitraryRecord, { maxLength: 30 }), (records) => {
        const requests = new RecentRequests();
        for (const [index, record] of records.entries()) requests.add(named(String(index), record));
        expect(ids(requests.all())).toEqual(numbered(records.length).toReversed());
      }),
      { numRuns: 50 },
    );
  });
});

describe("sums over a sliding past", () => {
  it("forget what is older than their slots", () => {
    const sums = new SlotSums(2, { slotMs: 10, slots: 3 });
    sums.add(1, 5, 1_000);
    sums.add(1, 7, 1_012);
    expect(sums.series(1, 1_012)).toEqual([0, 5, 7]);
    expect(sums.sum(1, 2, 0, 1_012)).toBe(12);
    expect(sums.series(1, 1_025)).toEqual([5, 7, 0]);
    expect(sums.series(1, 1_045)).toEqual([0, 0, 0]);
    sums.add(1, 1, 1_045);
    expect(sums.series(1, 1_045)).toEqual([0, 0, 1]);
    expect(sums.series(0, 1_045)).toEqual([0, 0, 0]);
  });
});

describe("quantiles of durations", () => {
  it("are off by a fifth at most (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5, max: 200_000 }), { minLength: 20 }), (values) => {
        const slots = new DurationSlots({ slotMs: 1_000, slots: 4 });
        for (const value of values) slots.add(value, 5_000);
        const sorted = values.toSorted((left, right) => left - right);
        const found = slots.between(3, 0, 5_000);
        const exact = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
        expect(found?.count).toBe(values.length);
        expect(found?.p95).toBeGreaterThan(exact / 1.2);
        expect(found?.p95).toBeLessThan(exact * 1.2);
      }),
    );
  });
});

describe("what a router has served lately", () => {
  const counts = (records: readonly RequestRecord[]) =>
    trafficOf(records).read().routes.get("chat")?.recent;

  it("is counted by how requests ended", () => {
    expect(
      counts([
        answered(),
        failed("internal"),
        answered({ status: 429 }),
        answered({ status: 400 }),
        answered({ client_aborted: true }),
        answered({ fallback_reason: "RateLimited", envelope_missed: true }),
      ]),
    ).toEqual({
      answered: 2,
      failed: 1,
      limited: 1,
      refused: 1,
      aborted: 1,
      fallback: 1,
      missed: 1,
    });
  });

  it("is no shadow, no judge and no replay, but the control arm", () => {
    const arms = ["shadow", "judge", "golden", "control"] as const;
    const read = trafficOf(arms.map((arm) => answered({ arm }))).read();
    expect(read.requests.map(({ arm }) => arm)).toEqual(["control"]);
    expect(read.routes.get("chat")?.requests).toBe(1);
  });

  it("is what came in the last five minutes, and its cost since the beginning", () => {
    const clock = handClock();
    const traffic = trafficOf([answered({ cost_usd: 1, baseline_cost_usd: 4 })], clock);
    clock.pass(6 * 60_000);
    traffic.write(answered({ cost_usd: 2, baseline_cost_usd: null }));
    const route = traffic.read().routes.get("chat");
    expect(route?.recent.answered).toBe(1);
    expect(route).toMatchObject({ costUsd: 3, baselineUsd: 4, comparedUsd: 1 });
  });

  it("tells attempts of the backend that made them, and neither waits in vain nor what was cut short", () => {
    const attempts = [
      makeAttemptRecord({ backend: "a", error_type: "timeout", ms: 3_000, ttft_ms: null }),
      makeAttemptRecord({ backend: "a", error_type: "throttled", ms: 3, ttft_ms: null }),
      makeAttemptRecord({ backend: "a", error_type: "backend_busy", sent: false }),
      makeAttemptRecord({ backend: "a", error_type: "superseded", ms: 9_000, ttft_ms: null }),
      makeAttemptRecord({ backend: "b", ms: 400, ttft_ms: 100 }),
    ];
    const [pairA, pairB] = trafficOf([answered({ attempts })]).read().pairs;
    expect(pairA).toMatchObject({ backend: "a", attempts: 2, failed: 2 });
    expect(pairA?.total.recent?.count).toBe(1);
    expect(pairA?.total.recent?.p50).toBeGreaterThan(2_500);
    expect(pairB).toMatchObject({ backend: "b", attempts: 1, failed: 0 });
  });

  it("forgets what a table no longer holds", () => {
    const traffic = trafficOf([answered({ tenant: "acme" })]);
    traffic.retain({ routes: { chat: {} }, backends: {}, tenants: {} });
    expect(traffic.read().pairs).toEqual([]);
    expect(traffic.read().tenants.size).toBe(0);
    traffic.retain({ routes: {}, backends: {}, tenants: {} });
    expect(traffic.read().routes.size).toBe(0);
  });

  it("tells so many routes apart and no more, and counts what it does not tell", () => {
    const traffic = trafficOf(
      numbered(1_200).map((name) => answered({ route: `route ${name}`, tenant: `tenant ${name}` })),
    );
    const read = traffic.read();
    expect(read.routes.size).toBe(1_000);
    expect(read.tenants.size).toBe(1_000);
    expect(read.pairs.length).toBe(100);
    expect(read.untold).toBe(200);
  });
});
