import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  costKeys,
  CostSums,
  decimalUsd,
  picoFromUsd,
  type CostKey,
  type CostSum,
  type LedgerLine,
  type RequestRecord,
} from "../../../src/records/index.ts";
import { arbitraryRecord } from "../../support/arbitrary-record.ts";
import { makeRecord } from "../../support/observations.ts";

const line = (changes: Partial<LedgerLine>): LedgerLine => ({
  kind: "answer",
  backend: "a",
  tokens: { in: 10, out: 5, cache_read: 2, cache_write: 1, cache_write_1h: 0, reasoning: 0 },
  units: null,
  cost_usd: 0.000001,
  basis: "metered",
  ...changes,
});

function sumsOf(keys: readonly CostKey[], records: readonly RequestRecord[]): CostSums {
  const sums = new CostSums(keys);
  for (const record of records) sums.add(record);
  return sums;
}

const byValues = ({ groups }: CostSums) =>
  Object.fromEntries(groups.map(({ values, ...sum }) => [values.join("/"), sum]));

const micro = 1_000_000n;

describe("sums of costs", () => {
  it("give what measures to its route and no tenant, count it as no request, and take it off what is saved", () => {
    const served = makeRecord({ ledger: [line({})], baseline_cost_usd: 0.00001 });
    const measuring = (["shadow", "judge"] as const).map((arm) =>
      makeRecord({ arm, ledger: [line({ kind: arm, backend: "b" })], baseline_cost_usd: null }),
    );
    const golden = makeRecord({ arm: "golden", ledger: [line({})], baseline_cost_usd: 0.00001 });
    const sums = sumsOf(["tenant", "kind"], [served, ...measuring, golden]);
    expect(byValues(sums)).toMatchObject({
      "checkout/answer": { requests: 1, cost: micro },
      "/shadow": { requests: 0, cost: micro },
      "/judge": { requests: 0, cost: micro },
      "/golden": { requests: 0, cost: micro, baseline: 0n },
    });
    expect(sums.total).toMatchObject({
      requests: 1,
      cost: 4n * micro,
      baseline: 10n * micro,
      compared: 4n * micro,
    });
  });

  it("give each line to the backend and the kind that it is of, and count a request once in each", () => {
    const hedged = makeRecord({
      ledger: [
        line({ kind: "hedge_loser", backend: "b", basis: "estimated", cost_usd: 0.000003 }),
        line({}),
        line({ kind: "guardrail", backend: "a", tokens: null, units: 3, cost_usd: 0.000002 }),
      ],
      baseline_cost_usd: 0.00001,
    });
    const sums = sumsOf(["backend"], [hedged]);
    expect(byValues(sums)).toMatchObject({
      a: { requests: 1, cost: 3n * micro, estimated: 0n, units: 3, baseline: 10n * micro },
      b: {
        requests: 1,
        cost: 3n * micro,
        estimated: 3n * micro,
        baseline: 0n,
        compared: 3n * micro,
      },
    });
    expect(sums.total).toMatchObject({
      requests: 1,
      cost: 6n * micro,
      baseline: 10n * micro,
      compared: 6n * micro,
      tokens: { in: 20, out: 10, cacheRead: 4, cacheWrite: 2 },
    });
    expect(Object.keys(byValues(sumsOf(["kind"], [hedged])))).toEqual([
      "hedge_loser",
      "answer",
      "guardrail",
    ]);
  });

  it("count requests for which nothing was called, at nothing", () => {
    const refused = makeRecord({ ledger: [], tenant: null, baseline_cost_usd: null });
    const [group] = sumsOf(["tenant", "backend"], [refused]).groups;
    expect(group).toMatchObject({ values: [null, null], requests: 1, cost: 0n });
  });

  it("leave what could not be compared with a baseline out of what was saved", () => {
    const failed = makeRecord({ ledger: [line({})], baseline_cost_usd: null });
    expect(sumsOf(["route"], [failed]).total).toMatchObject({
      cost: micro,
      compared: 0n,
      baseline: 0n,
    });
  });

  it.each<[CostKey, string]>([
    ["day", "2027-03-04"],
    ["hour", "2027-03-04T05:00Z"],
    ["model", "support"],
    ["key", "key-1"],
    ["namespace", "shop"],
  ])("know a request's %s", (key, value) => {
    expect(sumsOf([key], [makeRecord()]).groups[0]?.values).toEqual([value]);
  });

  it("take no model's name from a client that no route serves", () => {
    const lost = makeRecord({ route: null, request_model: "anything at all" });
    expect(sumsOf(["model"], [lost]).groups[0]?.values).toEqual([null]);
  });

  it("are exact where doubles are not", () => {
    const dear = makeRecord({ ledger: [line({ cost_usd: 999.999999999999 })] });
    const cheap = makeRecord({ ledger: [line({ cost_usd: 1e-12 })] });
    const sums = new CostSums(["route"]);
    for (let count = 0; count < 20_000; count += 1) {
      sums.add(dear);
      sums.add(cheap);
    }
    expect(decimalUsd(sums.total.cost)).toBe("20000000");
  });

  it("add up to the total, by any keys, and to what the requests cost", () => {
    const records = fc.array(arbitraryRecord, { maxLength: 20 });
    const keys = fc.subarray([...costKeys], { minLength: 1 });
    fc.assert(
      fc.property(records, keys, (given, by) => {
        const { groups, total } = sumsOf(by, given);
        const added = (pick: (sum: CostSum) => bigint) =>
          groups.reduce((sum, group) => sum + pick(group), 0n);
        expect(added(({ cost }) => cost)).toBe(total.cost);
        expect(added(({ baseline }) => baseline)).toBe(total.baseline);
        expect(added(({ compared }) => compared)).toBe(total.compared);
        expect(added(({ estimated }) => estimated)).toBe(total.estimated);
        expect(total.requests).toBe(given.length);
        const lines = given.flatMap(({ ledger }) => ledger);
        const cost = lines.reduce((sum, { cost_usd: usd }) => sum + BigInt(picoFromUsd(usd)), 0n);
        expect(total.cost).toBe(cost);
      }),
    );
  });
});

describe("USD in all their digits", () => {
  it.each([
    [0n, "0"],
    [1n, "0.000000000001"],
    [-2_500_000_000_000n, "-2.5"],
    [12_345_678_901_234_567_890n, "12345678.90123456789"],
  ])("of %d pico-USD are %s", (pico, text) => {
    expect(decimalUsd(pico)).toBe(text);
  });
});

describe("whole pico-USD", () => {
  it("come back from what a record says, for any request", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 - 1 }), (pico) => {
        expect(picoFromUsd(pico / 1e12)).toBe(pico);
      }),
    );
  });
});
