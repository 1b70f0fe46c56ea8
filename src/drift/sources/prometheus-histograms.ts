import { soundCount, type Histogram } from "../histogram.ts";
import type { NativeHistogram } from "./prometheus-answer.ts";

/** A bucket of a classic histogram: how many were not above `le`. */
export interface ClassicBucket {
  le: number;
  count: number;
}

/**
 * From running totals. They may fall from one bound to the next by a little, since each is estimated for itself:
 * that counts as none.
 */
export function fromClassic(buckets: readonly ClassicBucket[], sum: number): Histogram {
  const ascending = buckets.toSorted((left, right) => left.le - right.le);
  const bounds: number[] = [];
  const counts: number[] = [];
  let upTo = 0;
  for (const { le, count } of ascending) {
    const reached = Math.max(upTo, soundCount(count));
    counts.push(reached - upTo);
    if (le < Infinity) bounds.push(le);
    upTo = reached;
  }
  // A store that lost the last bucket has lost what was above all bounds.
  if (counts.length === bounds.length) counts.push(0);
  return { bounds, counts, sum: soundCount(sum) };
}

/** The bound of values that are all zero. */
const nextToNothing = 2 ** -40;

/** Buckets that held nothing are left out by the store: they are put in again, so that each begins where it did. */
export function fromNative({ buckets, sum }: NativeHistogram): Histogram {
  const bounds: number[] = [];
  const counts: number[] = [];
  // What is zero, and what a store holds for less, goes with the least that is more.
  let carried = 0;
  const ascending = buckets.toSorted((left, right) => left[2] - right[2]);
  for (const [, from, to, count] of ascending) {
    if (to <= 0) carried += soundCount(count);
    else {
      if (from > (bounds.at(-1) ?? 0)) {
        bounds.push(from);
        counts.push(0);
      }
      if (to < Infinity) bounds.push(to);
      counts.push(soundCount(count) + carried);
      carried = 0;
    }
  }
  if (carried > 0) {
    bounds.push(nextToNothing);
    counts.push(carried);
  }
  if (counts.length === bounds.length) counts.push(0);
  return { bounds, counts, sum: soundCount(sum) };
}
