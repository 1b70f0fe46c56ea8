export interface BackoffBounds {
  /** Milliseconds before the first retry, before jitter. */
  baseMs: number;
  /** No wait is longer than this, in milliseconds. */
  ceilingMs: number;
}

/**
 * Exponential backoff with full jitter.
 *
 * @param attempt 0 for the first wait
 * @param random a number in [0, 1), handed in so that tests choose it
 * @returns milliseconds to wait, at least 1
 */
export function backoffDelay(attempt: number, bounds: BackoffBounds, random: number): number {
  // Beyond 2^30 the shift would overflow, and the ceiling has long been met.
  const grown = bounds.baseMs * 2 ** Math.min(attempt, 30);
  return Math.max(1, Math.floor(Math.min(grown, bounds.ceilingMs) * random));
}
