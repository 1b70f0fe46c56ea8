import type { PlacedHistogram } from "./placed-histogram.ts";

/** A cumulative distribution: shares[i] lies at or below grid[i]; the first is 0, the last 1. */
export interface Curve {
  grid: Float64Array;
  shares: Float64Array;
  n: number;
}

/** How many lie at or below each place of a grid, as even within a bucket. */
export function cumulate({ places, counts, n }: PlacedHistogram, grid: Float64Array): Float64Array {
  const sums = new Float64Array(grid.length);
  let bucket = 0;
  let below = 0;
  for (let index = 1; index < grid.length - 1; index += 1) {
    const place = grid[index] ?? 0;
    while (bucket < places.length && (places[bucket] ?? 0) <= place) {
      below += counts[bucket] ?? 0;
      bucket += 1;
    }
    sums[index] = below + partBelow(places, counts, bucket, place);
  }
  sums[grid.length - 1] = n;
  return sums;
}

function partBelow(
  places: readonly number[],
  counts: readonly number[],
  bucket: number,
  place: number,
): number {
  const from = places[bucket - 1];
  const to = places[bucket];
  if (from === undefined || to === undefined) return 0;
  return ((counts[bucket] ?? 0) * (place - from)) / (to - from);
}

export function curveOf(grid: Float64Array, sums: Float64Array): Curve {
  const n = sums.at(-1) ?? 0;
  return { grid, shares: sums.map((sum) => Math.min(1, sum / n)), n };
}

/** Wasserstein's first distance, in units of the grid: how far the average request has moved. */
export function distanceBetween(left: Curve, right: Curve): number {
  const { grid } = left;
  let distance = 0;
  let before = 0;
  for (let index = 1; index < grid.length; index += 1) {
    const width = (grid[index] ?? 0) - (grid[index - 1] ?? 0);
    const after = (left.shares[index] ?? 0) - (right.shares[index] ?? 0);
    distance += width * meanAbsolute(before, after);
    before = after;
  }
  return distance;
}

/** Of a line from one to the other. */
function meanAbsolute(before: number, after: number): number {
  const sum = Math.abs(before) + Math.abs(after);
  return before * after >= 0 ? sum / 2 : (before * before + after * after) / (2 * sum);
}

/** The mean place; each bucket counts as its middle. */
export function meanPlace({ grid, shares }: Curve): number {
  let mean = 0;
  for (let index = 1; index < grid.length; index += 1) {
    const middle = ((grid[index] ?? 0) + (grid[index - 1] ?? 0)) / 2;
    mean += middle * ((shares[index] ?? 0) - (shares[index - 1] ?? 0));
  }
  return mean;
}

/** What the distance between n requests and all of those they are drawn from would be, times √n. */
export function distanceNoise({ grid, shares }: Curve): number {
  let sum = 0;
  for (let index = 1; index < grid.length; index += 1) {
    const share = ((shares[index] ?? 0) + (shares[index - 1] ?? 0)) / 2;
    sum += ((grid[index] ?? 0) - (grid[index - 1] ?? 0)) * Math.sqrt(share * (1 - share));
  }
  return sum * Math.sqrt(2 / Math.PI);
}
