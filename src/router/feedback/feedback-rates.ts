import type { Clock } from "../../lib/index.ts";
import { levelAt, pour, emptyBucket, runOutMs, type Bucket } from "../../tenancy/index.ts";

/** More than any product's users give, and little enough that one caller cannot fill a store with labels. */
const mostAMinute = 600;

/** Beyond so many the buckets that have run out are forgotten. */
const manyCallers = 1_000;

/** How often callers may give feedback: a bound of its own, since a tenant's limits count what models cost. */
export class FeedbackRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a call.
   *
   * @param tenant null: all anonymous callers together
   * @returns milliseconds until there is room; 0 where there is
   */
  waitMs(tenant: string | null): number {
    const now = this.#clock.elapsed();
    const key = tenant ?? "";
    const bucket = this.#buckets.get(key) ?? emptyBucket;
    const over = levelAt(bucket, mostAMinute, now) + 1 - mostAMinute;
    if (over > 0) return runOutMs(over, mostAMinute);
    if (this.#buckets.size >= manyCallers) this.#forget(now);
    this.#buckets.set(key, pour(bucket, 1, mostAMinute, now));
    return 0;
  }

  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets)
      if (levelAt(bucket, mostAMinute, now) === 0) this.#buckets.delete(key);
  }
}
