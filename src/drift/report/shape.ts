import { countOf, type Histogram } from "../histogram.ts";

/** How histograms look to people: shares over a common grid, and quantiles. Values lie evenly within a bucket. */

/** @returns how many values are at most `value`; of what lies above all bounds nobody knows how far */
function countUpTo({ bounds, counts }: Histogram, value: number): number {
  let sum = 0;
  for (const [index, count] of counts.entries()) {
    const from = index === 0 ? 0 : (bounds[index - 1] ?? 0);
    const to = bounds[index] ?? Infinity;
    if (value >= to) sum += count;
    else {
      if (value > from && to !== Infinity) sum += (count * (value - from)) / (to - from);
      break;
    }
  }
  return sum;
}

/** @returns null where there are none, or too many lie above all bounds */
export function quantileOf(histogram: Histogram, share: number): number | null {
  const { bounds, counts } = histogram;
  const wanted = share * countOf(histogram);
  let sum = 0;
  for (const [index, count] of counts.entries()) {
    const from = index === 0 ? 0 : (bounds[index - 1] ?? 0);
    const to = bounds[index];
    if (count > 0 && sum + count >= wanted)
      return to === undefined ? null : from + ((to - from) * (wanted - sum)) / count;
    sum += count;
  }
  return null;
}

/** Edges from the least to the greatest value of some histograms, evenly on a logarithmic scale. */
export function edgesOf(histograms: readonly Histogram[], count: number): number[] {
  const lows = histograms.flatMap((one) => quantileOf(one, 0.002) ?? []);
  const highs = histograms.flatMap((one) => quantileOf(one, 0.998) ?? one.bounds.at(-1) ?? []);
  const from = Math.max(1e-9, Math.min(...lows));
  const to = Math.max(from * 1.5, ...highs);
  if (!Number.isFinite(from) || !Number.isFinite(to)) return [];
  return Array.from({ length: count + 1 }, (_, index) => from * (to / from) ** (index / count));
}

/** What share of all values lies between each two edges. */
export function sharesBetween(
  histograms: readonly Histogram[],
  edges: readonly number[],
): { middle: number; share: number }[] {
  const total = histograms.reduce((sum, one) => sum + countOf(one), 0);
  const below = (value: number): number =>
    histograms.reduce((sum, one) => sum + countUpTo(one, value), 0);
  return edges.slice(1).map((to, index) => {
    const from = edges[index] ?? to;
    return {
      middle: Math.sqrt(from * to),
      share: total === 0 ? 0 : (below(to) - below(from)) / total,
    };
  });
}
