import { countOf, soundCount, type Histogram } from "../histogram.ts";
import type { Scale } from "../scale.ts";

/** A histogram whose bounds are places of a scale, ascending; what no arithmetic could use is gone. */
export interface PlacedHistogram {
  places: readonly number[];
  /** One more than places. */
  counts: readonly number[];
  /** Above 0. */
  n: number;
}

/** @returns null where it holds nothing, or its bounds do not ascend, or counts and bounds do not match */
export function placeHistogram(histogram: Histogram, scale: Scale): PlacedHistogram | null {
  const n = countOf(histogram);
  if (!isWellFormed(histogram) || n === 0) return null;
  const places: number[] = [];
  const counts: number[] = [];
  let held = 0;
  for (const [index, bound] of histogram.bounds.entries()) {
    held += soundCount(histogram.counts[index] ?? 0);
    // One at 0 or at infinity divides nothing from anything.
    if (bound < scale.least || bound > scale.most) continue;
    places.push(scale.place(bound));
    counts.push(held);
    held = 0;
  }
  counts.push(held + soundCount(histogram.counts.at(-1) ?? 0));
  return places.length === 0 ? null : { places, counts, n };
}

const isWellFormed = ({ bounds, counts }: Histogram): boolean =>
  counts.length === bounds.length + 1 &&
  bounds.every((bound, index) => bound > (bounds[index - 1] ?? Number.NEGATIVE_INFINITY));
