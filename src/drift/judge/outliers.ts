/** Of the reference at most, or these are no outliers but how things are. */
const mostShare = 1 / 7;
const timesMedian = 5;

/**
 * The days of incidents among the reference: left in, one would raise the threshold beyond any drift.
 *
 * @param differences of each reference window from the others
 * @param tolerance below which nothing stands out
 * @returns their places
 */
export function standingOut(
  differences: readonly number[],
  tolerance: number,
): ReadonlySet<number> {
  const sorted = differences.toSorted((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const limit = Math.max(tolerance, timesMedian * median);
  const found = differences.flatMap((difference, place) => (difference > limit ? [place] : []));
  return new Set(found.length <= sorted.length * mostShare ? found : []);
}
