import { describe, expect, it } from "vitest";
import { costFormats, inOrder } from "../../../src/cli/cost-report.ts";
import { CostSums, type CostKey, type RequestRecord } from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";

const tokens = {
  in: 1_000,
  out: 500,
  cache_read: 200,
  cache_write: 0,
  cache_write_1h: 0,
  reasoning: 0,
};

const costing = (
  cost: number,
  changes: Partial<RequestRecord>,
  basis: "metered" | "estimated" | "allocated" = "metered",
) =>
  makeRecord({
    cost_usd: cost,
    ledger: [{ kind: "answer", backend: "nova", tokens, units: null, cost_usd: cost, basis }],
    ...changes,
  });

const records = [
  costing(1.5, { tenant: "acme", baseline_cost_usd: 3, ts: "2027-03-05T05:06:07.890Z" }),
  costing(0.25, { tenant: 'be, "quick"', baseline_cost_usd: null }, "estimated"),
  costing(1_234.000001, { tenant: null, baseline_cost_usd: null }, "allocated"),
];

function report(format: keyof typeof costFormats, keys: readonly CostKey[] = ["tenant"]): string {
  const sums = new CostSums(keys);
  for (const record of records) sums.add(record);
  return costFormats[format]({
    keys,
    groups: inOrder(sums.groups, keys),
    total: sums.total,
    since: new Date("2027-03-04T00:00:00Z"),
    until: new Date("2027-03-06T00:00:00Z"),
    folder: ".switchyard",
    unread: 0,
  });
}

describe("a report of costs", () => {
  it("is a table with the dearest first, figures to the right, and totals", () => {
    expect(report("table").split("\n")).toEqual([
      "tenant       requests  tokens in  tokens out      cost USD  estimated   saved",
      "-----------------------------------------------------------------------------",
      "-                   1      1,200         500  1,234.000001      0.0 %       -",
      "acme                1      1,200         500      1.500000      0.0 %  50.0 %",
      'be, "quick"         1      1,200         500      0.250000    100.0 %       -',
      "-----------------------------------------------------------------------------",
      "total               3      3,600       1,500  1,235.750001      0.0 %  50.0 %",
      "",
      "From 2027-03-04T00:00:00.000Z to 2027-03-06T00:00:00.000Z",
      "1,234.000001 USD (99.8 %) are shares of instances that are paid by the hour",
      "1.500000 USD below what the baselines would have cost: 3.000000 USD",
    ]);
  });

  it("goes by time where that is the first key", () => {
    const days = report("csv", ["day"])
      .split("\r\n")
      .map((row) => row.split(",")[0]);
    expect(days).toEqual(["day", "2027-03-04", "2027-03-05"]);
  });

  it("is CSV with every digit, quoted where it must be", () => {
    expect(report("csv").split("\r\n")).toEqual([
      "tenant,requests,tokens_in,tokens_out,tokens_cache_read,tokens_cache_write,guardrail_units,cost_usd,estimated_usd,allocated_usd,baseline_usd,saved_usd",
      ",1,1000,500,200,0,0,1234.000001,0,1234.000001,,",
      "acme,1,1000,500,200,0,0,1.5,0,0,3,1.5",
      '"be, ""quick""",1,1000,500,200,0,0,0.25,0.25,0,,',
    ]);
  });

  it("is JSON of numbers, with groups, a total and what it was asked for", () => {
    expect(JSON.parse(report("json"))).toMatchObject({
      records: ".switchyard",
      since: "2027-03-04T00:00:00.000Z",
      by: ["tenant"],
      unread: 0,
      groups: [
        { tenant: null, cost_usd: 1_234.000001, allocated_usd: 1_234.000001, saved_usd: null },
        { tenant: "acme", cost_usd: 1.5, baseline_usd: 3, saved_usd: 1.5 },
        { tenant: 'be, "quick"', estimated_usd: 0.25 },
      ],
      total: { requests: 3, cost_usd: 1_235.750001, tokens_in: 3_000 },
    });
  });

  it("shows nothing of a name that a terminal would obey", () => {
    const sums = new CostSums(["tenant"]);
    sums.add(costing(1, { tenant: "a\u001b[31m" }));
    const shared = { keys: ["tenant"], folder: "", unread: 0 } as const;
    const { groups, total } = sums;
    const range = { since: new Date(0), until: new Date(1) };
    const table = costFormats.table({ ...shared, ...range, groups, total });
    expect(table).toContain("a\\u001b[31m");
    expect(table).not.toContain("\u001b");
  });
});
