import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  copyHistogram,
  emptyHistogram,
  exponentialIndex,
  exponentialScale,
  HistogramCell,
  histogramSince,
} from "../../../src/telemetry/cells.ts";

const boundaries = [0.01, 0.1, 1, 10];
const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

function cellOf(recorded: readonly number[]): HistogramCell {
  const cell = new HistogramCell(boundaries);
  for (const value of recorded) cell.record(value);
  return cell;
}

describe("a histogram cell", () => {
  it("counts each value once between the boundaries and once among the exponential buckets", () => {
    fc.assert(
      fc.property(values, (recorded) => {
        const { state } = cellOf(recorded);
        expect(sum(state.explicit)).toBe(recorded.length);
        expect(sum(state.exponential) + state.zeros).toBe(recorded.length);
        expect(state.count).toBe(recorded.length);
        expect(state.min).toBe(Math.min(...recorded));
        expect(state.max).toBe(Math.max(...recorded));
      }),
    );
  });

  it.each([
    [0, 0],
    [0.01, 0],
    [0.011, 1],
    [10, 3],
    [10.1, 4],
  ])("puts %d below the boundary that includes it", (value, bucket) => {
    expect(cellOf([value]).state.explicit.indexOf(1)).toBe(bucket);
  });

  it("gives exponential buckets whose bounds hold their values", () => {
    const base = 2 ** (2 ** -exponentialScale);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (value) => {
        const index = exponentialIndex(value);
        expect(base ** index).toBeLessThanOrEqual(value * (1 + 1e-9));
        expect(base ** (index + 1)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
      }),
    );
    expect(exponentialIndex(1)).toBe(-1);
    expect(exponentialIndex(8)).toBe(23);
  });

  it("has a bounded number of buckets, whatever it is given", () => {
    const { state } = cellOf([Number.MIN_VALUE, 1, Number.MAX_VALUE]);
    expect(state.exponential.length).toBeLessThanOrEqual(640);
    expect(state.count).toBe(3);
  });

  it.each([-1, Number.NaN])("ignores %d", (value) => {
    expect(cellOf([value]).state.count).toBe(0);
  });

  it("takes a value several times over", () => {
    const cell = new HistogramCell(boundaries);
    cell.record(0.5, 7);
    expect(cell.state).toMatchObject({ count: 7, sum: 3.5 });
    expect(cell.state.explicit).toEqual([0, 0, 7, 0, 0]);
  });

  it("tells what came since an earlier state, as a histogram of that alone", () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const cell = cellOf(before);
        const earlier = copyHistogram(cell.state);
        for (const value of after) cell.record(value);
        const since = histogramSince(cell.state, earlier);
        const alone = cellOf(after).state;
        expect(since.count).toBe(alone.count);
        expect(since.explicit).toEqual(alone.explicit);
        expect(since.zeros).toBe(alone.zeros);
        const shift = alone.offset - since.offset;
        expect(since.exponential.slice(shift, shift + alone.exponential.length)).toEqual(
          alone.exponential,
        );
        expect(sum(since.exponential)).toBe(sum(alone.exponential));
        expect(histogramSince(cell.state, emptyHistogram(boundaries)).count).toBe(cell.state.count);
      }),
    );
  });
});
