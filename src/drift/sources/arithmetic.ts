import { countOf, type Histogram } from "../histogram.ts";
import type { DistributionSignal } from "../series.ts";

/** How values of one kind come together, and how many samples one has. */
export interface Arithmetic<Value> {
  add: (left: Value, right: Value) => Value;
  count: (value: Value) => number;
}

export type Counts = Readonly<Record<string, number>>;

/** A mix's cell while it is still added to: how many samples, and their sum, by signal. */
export interface MixSum {
  count: number;
  sums: Readonly<Partial<Record<DistributionSignal, { count: number; sum: number }>>>;
}

export const histograms: Arithmetic<Histogram> = { add: addHistograms, count: countOf };

export const categories: Arithmetic<Counts> = {
  add: (left, right) => merged(left, right, (one, other) => one + other),
  count: (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0),
};

export const mixes: Arithmetic<Readonly<Record<string, MixSum>>> = {
  add: (left, right) => merged(left, right, addMixSums),
  count: (cells) => Object.values(cells).reduce((sum, { count }) => sum + count, 0),
};

export const addMixSums = (left: MixSum, right: MixSum): MixSum => ({
  count: left.count + right.count,
  sums: merged(left.sums, right.sums, (one, other) => ({
    count: one.count + other.count,
    sum: one.sum + other.sum,
  })),
});

/** By names that users choose, `__proto__` among them. */
function merged<Value>(
  left: Readonly<Partial<Record<string, Value>>>,
  right: Readonly<Partial<Record<string, Value>>>,
  add: (left: Value, right: Value) => Value,
): Record<string, Value> {
  const sums = new Map<string, Value>();
  for (const [name, value] of [...Object.entries(left), ...Object.entries(right)]) {
    if (value === undefined) continue;
    const before = sums.get(name);
    sums.set(name, before === undefined ? value : add(before, value));
  }
  return Object.fromEntries(sums);
}

/**
 * Under all the bounds of both: what lies in a bucket of one is counted where that bucket ends, so that no value
 * passes a bound that either of them knew.
 */
function addHistograms(left: Histogram, right: Histogram): Histogram {
  const bounds = union(left.bounds, right.bounds);
  const places = new Map(bounds.map((bound, index) => [bound, index]));
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const each of [left, right]) {
    for (const [index, count] of each.counts.entries()) {
      const bound = each.bounds[index];
      const place = bound === undefined ? bounds.length : (places.get(bound) ?? bounds.length);
      counts[place] = (counts[place] ?? 0) + count;
    }
  }
  return { bounds, counts, sum: left.sum + right.sum };
}

function union(left: readonly number[], right: readonly number[]): readonly number[] {
  const isSame =
    left.length === right.length && left.every((bound, index) => bound === right[index]);
  if (isSame) return left;
  return [...new Set([...left, ...right])].toSorted((one, other) => one - other);
}
