import { describe, expect, it } from "vitest";
import { goldenTable, reportGolden } from "../../../src/cli/golden/golden-report.ts";

const answer = (score: number | null, changes: object = {}) => ({
  candidate: "micro",
  item: "a",
  score,
  problem: score === null ? "timeout" : null,
  costUsd: 0.001,
  judgingUsd: 0,
  ms: 100,
  ...changes,
});

const reportOf = (scores: readonly (number | null)[], planned = scores.length) =>
  reportGolden({
    set: "sums",
    route: "assistant",
    candidates: ["micro"],
    answers: scores.map((score, index) => answer(score, { ms: index })),
    planned,
  });

const times = (count: number, score: number) => Array.from({ length: count }, () => score);

describe("the report of a golden set", () => {
  // After Wilson, as tables of it have it.
  it.each([
    [times(10, 1), 1, 0.7225, 1],
    [[...times(5, 1), ...times(5, 0)], 0.5, 0.2366, 0.7634],
    [[...times(81, 1), ...times(182, 0)], 0.308, 0.2553, 0.3662],
  ])("tells the share of right answers with its interval", (scores, share, lower, upper) => {
    const correct = reportOf(scores).candidates[0]?.correct;
    expect(correct?.share).toBeCloseTo(share, 3);
    expect(correct?.lower).toBeCloseTo(lower, 3);
    expect(correct?.upper).toBeCloseTo(upper, 3);
  });

  it("counts what was not answered by why, and not as wrong", () => {
    const report = reportOf([1, null, 1, null]);
    expect(report).toMatchObject({
      complete: false,
      candidates: [
        { asked: 4, judged: 2, problems: { timeout: 2 }, correct: { share: 1 }, p50Ms: 2 },
      ],
    });
    expect(goldenTable(report)).toContain("Not every question was answered and judged.");
  });

  it("is whole only where all was asked that was to be", () => {
    expect(reportOf([1, 0]).complete).toBe(true);
    expect(reportOf([1, 0], 3).complete).toBe(false);
    expect(reportOf([], 3).candidates[0]).toMatchObject({ correct: null, p50Ms: null });
    expect(goldenTable(reportOf([], 3))).toMatch(/\| micro +\| – /);
  });
});
