export interface HistogramShape {
  /** The least value told apart; smaller ones count as it. */
  lowest: number;
  /** After this time without news a sample counts half. */
  halfLifeMs: number;
}

/** Neighbouring buckets differ by this factor, so that a quantile is off by at most 5 %. */
export const bucketGrowth = 1.1;

/** 128 buckets span a factor of 1.1^128, about 200,000. */
const bucketCount = 128;
const logGrowth = Math.log(bucketGrowth);

/** Old samples are scaled down once the newest weighs 2^64 times as much: doubles bear that easily. */
const longestSpan = 64;

/**
 * Quantiles of a positive quantity over a fading past, in constant memory. A sample enters with a
 * weight that grows with its time (forward decay), so that nothing has to be aged when time passes.
 */
export class DecayingHistogram {
  readonly #lowest: number;
  readonly #halfLifeMs: number;
  readonly #weights = new Float64Array(bucketCount);
  #total = 0;
  /** The time at which a sample weighs one. */
  #landmark = 0;
  /** Those asked for since the last sample: each is asked for by every candidate of a request. */
  readonly #quantiles = new Map<number, number>();

  constructor(shape: HistogramShape) {
    this.#lowest = shape.lowest;
    this.#halfLifeMs = shape.halfLifeMs;
  }

  /** @param now milliseconds by a clock that never steps back */
  observe(value: number, now: number): void {
    if (!(value > 0) || value === Infinity) return;
    if (now - this.#landmark > longestSpan * this.#halfLifeMs) this.#moveLandmark(now);
    const weight = 2 ** ((now - this.#landmark) / this.#halfLifeMs);
    const index = this.#indexOf(value);
    this.#weights[index] = (this.#weights[index] ?? 0) + weight;
    this.#total += weight;
    this.#quantiles.clear();
  }

  /**
   * Notes a wait that was given up: it would have lasted longer. It is taken for the median of those
   * seen that lasted longer, so that waits given up early say nothing, neither fast nor slow.
   */
  observeAtLeast(value: number, now: number): void {
    const longer = this.#total === 0 ? 0 : this.#weightAbove(value) / this.#total;
    this.observe(Math.max(value, this.quantile(1 - longer / 2) ?? 0), now);
  }

  #weightAbove(value: number): number {
    let above = 0;
    for (let index = this.#indexOf(value) + 1; index < bucketCount; index += 1) {
      above += this.#weights[index] ?? 0;
    }
    return above;
  }

  #indexOf(value: number): number {
    const bucket = Math.floor(Math.log(value / this.#lowest) / logGrowth);
    return Math.min(bucketCount - 1, Math.max(0, bucket));
  }

  /** How many samples the fading past is worth now. */
  samples(now: number): number {
    return this.#total / 2 ** ((now - this.#landmark) / this.#halfLifeMs);
  }

  /** @returns undefined before the first sample */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const known = this.#quantiles.get(share);
    if (known !== undefined) return known;
    const found = this.#find(share);
    this.#quantiles.set(share, found);
    return found;
  }

  #find(share: number): number {
    const wanted = share * this.#total;
    let below = 0;
    let last = 0;
    for (let index = 0; index < bucketCount; index += 1) {
      const weight = this.#weights[index] ?? 0;
      if (weight === 0) continue;
      last = index;
      below += weight;
      if (below >= wanted) break;
    }
    return this.#lowest * bucketGrowth ** (last + 0.5);
  }

  #moveLandmark(now: number): void {
    const factor = 2 ** ((this.#landmark - now) / this.#halfLifeMs);
    this.#total = 0;
    for (let index = 0; index < bucketCount; index += 1) {
      const weight = (this.#weights[index] ?? 0) * factor;
      this.#weights[index] = weight;
      this.#total += weight;
    }
    this.#landmark = now;
  }
}
