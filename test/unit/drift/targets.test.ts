import { describe, expect, it } from "vitest";
import { labelsUntilFound, medianLabels } from "../../../scripts/drift/accuracy-world.ts";
import { alarmRate } from "../../../scripts/drift/world.ts";
import { seededRandom } from "../../../src/lib/index.ts";

// The figures of docs/drift.md, on fewer runs: npm run eval:drift takes all of them.
describe("of the worlds that npm run eval:drift makes", () => {
  it("those where nothing changes are alarmed of less than once in a hundred days", () => {
    expect(alarmRate({}, 1_500, 1)).toBeLessThanOrEqual(0.005);
  });

  it("99 % of those with a quarter more latency at 1,000 requests a day are found", () => {
    expect(alarmRate({ factor: 1.25 }, 300, 2)).toBeGreaterThanOrEqual(0.99);
  });

  it("95 % of those where one in twenty takes four times as long at 3,000 are found", () => {
    expect(alarmRate({ n: 3_000, slowShare: 0.05 }, 200, 3)).toBeGreaterThanOrEqual(0.95);
  });

  it("those whose accuracy falls by five points are found within 2,000 labels", () => {
    expect(medianLabels({}, 15, 200, 4)).toBeLessThanOrEqual(2_000);
  });

  it("those whose accuracy stays are left alone for 5,000 labels", () => {
    const random = seededRandom(5);
    const found = Array.from({ length: 10 }, () =>
      labelsUntilFound({ after: 0.9 }, 500, 5_000, random),
    );
    expect(found.filter(Number.isFinite)).toHaveLength(0);
  });
});
