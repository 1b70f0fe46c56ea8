import { SlotSums, type SlotShape } from "./slot-sums.ts";

/** Neighbouring buckets differ by a fourth of an octave, so that a quantile is off by a tenth at most. */
const bucketsAnOctave = 4;
/** From 4 ms, as one bucket, to beyond four minutes. */
const firstOctave = 2;
const bucketCount = 16 * bucketsAnOctave;

/** How many there were, and the quantiles in milliseconds. */
export interface Durations {
  count: number;
  p50: number;
  p95: number;
}

/** Durations over a sliding past, by slots of time, in constant memory. */
export class DurationSlots {
  readonly #counts: SlotSums;

  constructor(shape: SlotShape) {
    this.#counts = new SlotSums(bucketCount, shape);
  }

  add(ms: number, now: number): void {
    this.#counts.add(bucketOf(ms), 1, now);
  }

  /** Over whole slots: `from` slots ago to `to` slots ago; null where there were none. */
  between(from: number, to: number, now: number): Durations | null {
    counts.fill(0);
    let count = 0;
    for (let ago = to; ago <= from; ago += 1) count += this.#counts.addTo(counts, ago, now);
    if (count === 0) return null;
    return { count, p50: quantile(counts, count, 0.5), p95: quantile(counts, count, 0.95) };
  }

  /** A quantile slot by slot, the oldest first; null where there were none. */
  series(which: "p50" | "p95", now: number): (number | null)[] {
    const { slots } = this.#counts.shape;
    return Array.from({ length: slots }, (_, index) => {
      const ago = slots - 1 - index;
      return this.between(ago, ago, now)?.[which] ?? null;
    });
  }
}

/** Used again for each quantile: a look reads thousands of them. */
const counts = new Float64Array(bucketCount);

function bucketOf(ms: number): number {
  const bucket = Math.floor((Math.log2(Math.max(ms, 1)) - firstOctave) * bucketsAnOctave) + 1;
  return Math.min(bucketCount - 1, Math.max(0, bucket));
}

const lowerBound = (bucket: number): number =>
  bucket === 0 ? 0 : 2 ** (firstOctave + (bucket - 1) / bucketsAnOctave);

/** Within its bucket a quantile lies as if the durations in it were spread evenly. */
function quantile(buckets: Float64Array, total: number, share: number): number {
  const wanted = share * total;
  let below = 0;
  for (let bucket = 0; bucket < buckets.length; bucket += 1) {
    const count = buckets[bucket] ?? 0;
    if (count > 0 && below + count >= wanted) {
      const [low, high] = [lowerBound(bucket), lowerBound(bucket + 1)];
      return low + ((wanted - below) / count) * (high - low);
    }
    below += count;
  }
  return lowerBound(buckets.length);
}
