import { bucketGrowth, type DecayingHistogram } from "./decaying-histogram.ts";

/** The standard normal deviate of the upper quartile. */
const quartile = 0.6745;

/** Constant latencies would else have no tail at all, and half of the requests would be in it. */
const leastSpread = 0.1;

/** The upper half may be wider than the lower, latency being skewed, but not without end. */
const mostSkew = 1.5;

/**
 * A quantile of 0.5 or more as it would be without the odd calls that went wrong. Where a tenth of the
 * calls take five seconds more, the P95 that was measured is of those: who waited for it before doing
 * something would not be protected. So the tail is also drawn from the body, the lower three quarters,
 * as that of a log-normal quantity; the smaller of both holds.
 */
export function usualQuantile(values: DecayingHistogram, share: number): number | undefined {
  const median = values.quantile(0.5);
  const low = values.quantile(0.25);
  const high = values.quantile(0.75);
  const measured = values.quantile(share);
  if (median === undefined || low === undefined || high === undefined || measured === undefined) {
    return undefined;
  }
  const lower = Math.log(median / low) / quartile;
  const upper = Math.log(high / median) / quartile;
  const spread = Math.max(leastSpread, Math.min(Math.max(lower, upper), lower * mostSkew));
  const drawn = median * Math.exp(normalDeviate(share) * spread);
  // A bucket is told by its middle: half of what lies in it is above.
  return Math.min(drawn, measured * Math.sqrt(bucketGrowth));
}

/** How many standard deviations above the mean a share lies; Abramowitz and Stegun 26.2.23, off by at most 0.0005. */
export function normalDeviate(share: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - share));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - above / below;
}
