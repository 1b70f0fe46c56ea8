import type { Histogram } from "../../src/drift/index.ts";
import type { Random } from "../../src/lib/index.ts";

/** The bounds of /metrics: 0.01 s, doubling to 81.92 s. */
export const classicBounds: readonly number[] = Array.from(
  { length: 14 },
  (_, index) => 0.01 * 2 ** index,
);

/** Of an exponential histogram of a scale: 2 to that many buckets for each doubling. */
export const exponentialBounds = (scale: number): readonly number[] =>
  Array.from({ length: 14 * 2 ** scale }, (_, index) => 0.01 * 2 ** (index / 2 ** scale));

/** Of mean 0 and variance 1 (Box and Muller). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** How probably a normal lies below (Abramowitz and Stegun 7.1.26: to 1.5e-7). */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const terms =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const half = (terms * Math.exp(-x * x)) / 2;
  return z < 0 ? half : 1 - half;
}

/** A log-normal of which a part is slower by a factor. */
export interface Latency {
  median: number;
  /** Standard deviation of the logarithm. */
  sigma: number;
  /** The share of requests that take four times as long. */
  slowShare: number;
}

const slower = Math.log(4);

/** So many requests, each drawn by itself, counted in buckets. */
export function drawHistogram(
  { median, sigma, slowShare }: Latency,
  n: number,
  bounds: readonly number[],
  random: Random,
): Histogram {
  const below = bounds.map((bound) => {
    const z = Math.log(bound / median);
    return (1 - slowShare) * normalBelow(z / sigma) + slowShare * normalBelow((z - slower) / sigma);
  });
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (let drawn = 0; drawn < n; drawn += 1) {
    const bucket = firstAbove(below, random());
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { bounds, counts, sum: n * median * Math.exp(sigma ** 2 / 2) };
}

function firstAbove(below: readonly number[], value: number): number {
  let low = 0;
  let high = below.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((below[middle] ?? 1) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of n come out, each by itself. */
export function drawHits(n: number, share: number, random: Random): number {
  let hits = 0;
  for (let drawn = 0; drawn < n; drawn += 1) if (random() < share) hits += 1;
  return hits;
}
