import type { Histogram } from "../histogram.ts";
import type { DistributionSignal } from "../series.ts";

// The buckets of sources that have every single value and choose their own: sixteen to each doubling, so that a
// quantile is told to 4 per cent; shares of one have 64 of the same width. Databases work out the same in SQL.

export const slotsPerOctave = 16;
export const slotsOfShare = 64;

/** Outside of these a value counts as if it were one of them. */
export const leastSlot = -40 * slotsPerOctave;
export const mostSlot = 40 * slotsPerOctave;

const isShare = (signal: DistributionSignal): boolean => signal === "confidence";

/** The number of a value's bucket: it holds what is above the bound of the one before it, and not above its own. */
export function slotOf(signal: DistributionSignal, value: number): number {
  if (isShare(signal)) return Math.ceil(value * slotsOfShare);
  if (value <= 2 ** (leastSlot / slotsPerOctave)) return leastSlot;
  return Math.min(mostSlot, Math.ceil(Math.log2(value) * slotsPerOctave));
}

const boundOf = (signal: DistributionSignal, slot: number): number =>
  isShare(signal) ? slot / slotsOfShare : 2 ** (slot / slotsPerOctave);

/** What was counted, by slot. */
export interface SlotCounts {
  counts: Map<number, number>;
  sum: number;
}

/** From the first slot that holds anything to the last, with the empty ones between. */
export function histogramOf(signal: DistributionSignal, { counts, sum }: SlotCounts): Histogram {
  const slots = [...counts.keys()].toSorted((left, right) => left - right);
  const first = slots[0] ?? 0;
  const last = slots.at(-1) ?? first;
  const inside = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const bounds = [first - 1, ...inside].map((slot) => boundOf(signal, slot));
  return { bounds, counts: [0, ...inside.map((slot) => counts.get(slot) ?? 0), 0], sum };
}
