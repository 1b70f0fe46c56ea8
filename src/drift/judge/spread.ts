import { studentTail } from "../statistics/tail-probability.ts";

/** A threshold lies so many standard deviations above what the days before differ by among themselves. */
const deviations = 3.5;

/** What the reference windows differ by among themselves, and what so many samples differ by chance alone. */
export interface Spread {
  /** Of each reference window, from all the others; no sign. */
  differences: readonly number[];
  samples: readonly number[];
  /** Of one sample; of n by chance it is this / √n. */
  noise: number;
}

/** The difference that a window of n samples would have: chance moves few more than many. */
function expected({ differences, samples, noise }: Spread, n: number): readonly number[] {
  const chance = (count: number) => (noise * noise) / count;
  return differences.map((difference, index) =>
    Math.sqrt(difference * difference + Math.max(0, chance(n) - chance(samples[index] ?? n))),
  );
}

/** Mean and 3.5 standard deviations, or what is tolerated, whichever is more. */
export function thresholdFor(spread: Spread, n: number, tolerance: number): number {
  const values = expected(spread, n);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.max(tolerance, mean + deviations * Math.sqrt(squares / (values.length - 1)));
}

/**
 * How probable such a difference is on a usual day, as Student's t against the root mean square of the
 * reference's. Differences without sign have lighter tails than that, so it errs upwards.
 */
export function tailFor(spread: Spread, n: number, difference: number): number {
  const values = expected(spread, n);
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const usual = Math.sqrt(Math.max(square, (spread.noise * spread.noise) / n));
  if (!(usual > 0)) return difference > 0 ? 0 : 1;
  return studentTail(difference / usual, values.length);
}
