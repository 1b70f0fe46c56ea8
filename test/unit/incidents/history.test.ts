import { describe, expect, it } from "vitest";
import { readExposition } from "../../../scripts/incidents/exposition.ts";
import { historyOf } from "../../../scripts/incidents/history.ts";

const scrapeOf = (requests: number, inBucket: number, saved: number): string => `
# HELP switchyard_requests_total Requests, by outcome
# TYPE switchyard_requests_total counter
switchyard_requests_total{switchyard_route="chat"} ${requests}
# TYPE gen_ai_server_request_duration histogram
gen_ai_server_request_duration_bucket{le="0.5"} ${inBucket}
gen_ai_server_request_duration_bucket{le="+Inf"} ${requests}
gen_ai_server_request_duration_sum ${requests * 0.25}
gen_ai_server_request_duration_count ${requests}
# TYPE switchyard_saved_usd gauge
switchyard_saved_usd ${saved}
# TYPE switchyard_table_routes gauge
switchyard_table_routes 4
`;

const to = 10_000_000;
const from = to - 60_000;

/** By series, its values at each step. */
function historyBySeries(): Map<string, number[]> {
  const text = historyOf({
    first: { at: to + 10_000, samples: readExposition(scrapeOf(7, 5, 0.1)) },
    second: { at: to + 20_000, samples: readExposition(scrapeOf(22, 12, 0.3)) },
    from,
    to,
    stepMs: 15_000,
    targetLabels: { job: "routers", instance: "here:1" },
  });
  const values = new Map<string, number[]>();
  for (const line of text.trimEnd().split("\n")) {
    const [, series = "", value, at] = /^(\S+) (\S+) (\S+)$/.exec(line) ?? [];
    const step = values.get(series) ?? [];
    expect(Number(at) * 1_000).toBe(from + step.length * 15_000);
    values.set(series, [...step, Number(value)]);
  }
  return values;
}

describe("the hour before routers are looked at", () => {
  const added = 'job="routers",instance="here:1"';

  it("has counters climb from nought as steeply as they were seen to, in whole numbers", () => {
    const history = historyBySeries();
    const steps = [0, 22, 45, 67, 90];
    expect(history.get(`switchyard_requests_total{switchyard_route="chat",${added}}`)).toEqual(
      steps,
    );
    expect(history.get(`gen_ai_server_request_duration_count{${added}}`)).toEqual(steps);
    expect(history.get(`gen_ai_server_request_duration_sum{${added}}`)).toEqual([
      0, 5.625, 11.25, 16.875, 22.5,
    ]);
  });

  it("has fewer in a bucket than in the one above it, at any time", () => {
    const history = historyBySeries();
    const lower = history.get(`gen_ai_server_request_duration_bucket{le="0.5",${added}}`);
    const upper = history.get(`gen_ai_server_request_duration_bucket{le="+Inf",${added}}`);
    expect(lower).toEqual([0, 10, 21, 31, 42]);
    for (const [at, value] of (lower ?? []).entries())
      expect(value).toBeLessThanOrEqual(upper?.[at] ?? -1);
  });

  it("ends where the routers begin: sums that may fall at nought, gauges as they are", () => {
    const history = historyBySeries();
    const saved = history.get(`switchyard_saved_usd{${added}}`) ?? [];
    expect(saved[0]).toBeCloseTo(-1.2);
    expect(saved.at(-1)).toBeCloseTo(0);
    expect(history.get(`switchyard_table_routes{${added}}`)).toEqual([4, 4, 4, 4, 4]);
  });
});
