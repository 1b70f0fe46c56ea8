import { describe, expect, it } from "vitest";
import type { Figures } from "../../system/faults/slow-backend/figures.ts";
import { reportLines } from "../../system/faults/slow-backend/report-lines.ts";
import { reportOf } from "../../system/faults/slow-backend/report.ts";

const figures = (changes: Partial<Figures> = {}): Figures => ({
  requests: 1_000,
  errors: 0,
  firstByteMs: { min: 50, p50: 80, p90: 120, p99: 200, max: 250 },
  hedgedPercent: 5,
  hedgesWonPercent: 2,
  hedgesDeniedPercent: 0,
  hedgedAfterMs: null,
  fallbackPercent: 0,
  slowCallsPercent: 10,
  cost: { cancelledUnbilled: 0.002, cancelledBilled: 0.0021 },
  ...changes,
});

const compare = (slow: Partial<Figures>) =>
  reportOf({ quiet: figures(), slow: figures(slow), unprotected: figures() }, 10);

const times = (p50: number, p99: number) => ({
  firstByteMs: { min: 50, p50, p90: 120, p99, max: 900 },
});

describe("what is told of a slow backend", () => {
  it("is that all targets are met where nothing differs, and what cancelled input costs", () => {
    const report = compare({});
    expect(report.targets.map(({ met }) => met)).toEqual([true, true, true, true]);
    expect(report.extraCostPercent).toBe(0);
    expect(report.extraCostWithCancelledBilledPercent).toBeCloseTo(5);
  });

  it.each([
    ["p50", 0, times(89, 200)],
    ["p99", 1, times(80, 301)],
    ["failed", 2, { errors: 1 }],
    ["extra cost", 3, { cost: { cancelledUnbilled: 0.00211, cancelledBilled: 0.00211 } }],
  ] as const)("is that the target of %s is missed, and no other", (words, index, slow) => {
    const report = compare(slow);
    expect(report.targets.map(({ met }) => met).indexOf(false)).toBe(index);
    const missed = reportLines(report).filter((line) => line.startsWith("target MISSED"));
    expect(missed).toHaveLength(1);
    expect(missed[0]).toContain(words);
  });
});
