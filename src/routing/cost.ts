import type { Usage } from "../openai/index.ts";
import type { BackendEntry, Prices, TokenPrices } from "../table/index.ts";
import type { LatencyBook } from "./latency-book.ts";

/** Token counts of a priced input and output; all whole. */
export type BilledTokens = Omit<Usage, "reasoning">;

/** Whole pico-USD of an hour paid in whole micro-USD, for a stretch of it. */
function hourlyCost(microUsdPerHour: number, durationMs: number): number {
  return Math.round((microUsdPerHour * 1e6 * durationMs) / 3_600_000);
}

/** The long-context prices hold for the whole request once its input, cached or not, is over the mark. */
function tokenPricesOf(prices: Prices, tokens: BilledTokens): TokenPrices | undefined {
  const { longContext } = prices;
  if (longContext === undefined) return prices.tokens;
  const input = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  return input > longContext.overTokens ? longContext.tokens : prices.tokens;
}

/**
 * What an attempt cost, in whole pico-USD: tokens at their own prices, a cached one that has none at
 * the price of input; without token prices the instance's time. 0 where no price is known.
 *
 * @param durationMs of the attempt
 */
export function costOf(usage: BilledTokens, prices: Prices, durationMs: number): number {
  const tokens = tokenPricesOf(prices, usage);
  if (tokens === undefined) return hourlyCost(prices.instanceHour ?? 0, durationMs);
  return (
    usage.input * tokens.input +
    usage.cacheRead * (tokens.cacheRead ?? tokens.input) +
    usage.cacheWrite5m * (tokens.cacheWrite5m ?? tokens.input) +
    usage.cacheWrite1h * (tokens.cacheWrite1h ?? tokens.input) +
    usage.output * tokens.output
  );
}

/**
 * What the baseline would have cost for the same tokens, in whole pico-USD. Where it is paid by the
 * hour alone, for as long as it would probably have taken.
 */
export function baselineCost(
  usage: BilledTokens,
  baseline: BackendEntry,
  book: LatencyBook,
): number {
  const durationMs =
    book.firstTokenMs(baseline, 0.5) + (usage.output * 1_000) / book.tokensPerSecond(baseline);
  return costOf(usage, baseline.prices, durationMs);
}
