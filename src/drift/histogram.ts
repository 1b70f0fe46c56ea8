/**
 * Counts by buckets: bucket i holds what lies in (bounds[i − 1], bounds[i]] (from 0 for the first),
 * the last what lies above all bounds: counts.length = bounds.length + 1. Bounds are positive and
 * ascend; two windows may have different ones. `sum` is that of all values, in their unit.
 */
export interface Histogram {
  bounds: readonly number[];
  counts: readonly number[];
  sum: number;
}

/** More than anybody counts, and as many as doubles count exactly. */
const mostCounted = 1e15;

/** What a store may say of a bucket after a restart or a lost sample is none of our arithmetic's faults. */
export const soundCount = (count: number): number =>
  count > 0 && count <= mostCounted ? count : 0;

/** How many values a histogram has counted. A count that is no number, below 0 or beyond 10^15 counts as none. */
export const countOf = ({ counts }: Histogram): number =>
  counts.reduce((sum, count) => sum + soundCount(count), 0);
