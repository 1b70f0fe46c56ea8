import type { Usage } from "../openai/index.ts";
import type { BackendEntry, Prices, TokenPrices } from "../table/index.ts";
import { charactersPerToken } from "./count-tokens.ts";
import type { LatencyBook } from "./latency-book.ts";

/** Token counts of a priced input and output; all whole. */
export type BilledTokens = Omit<Usage, "reasoning">;

/** What a backend's costs follow from. */
export type Priced = Pick<BackendEntry, "prices" | "concurrency">;

/** Whether its calls are paid by the instance's time, and bear a share of it. */
export function isPaidByTheHour({ tokens, instanceHour }: Prices): boolean {
  return tokens === undefined && instanceHour !== undefined;
}

/**
 * An hour's price over the calls that the instance bears at a time: one call holds one of these places
 * for as long as it lasts, so that the calls of a full instance add up to its price and never beyond.
 */
function shareOfTime({ prices, concurrency }: Priced, busyMs: number): number {
  const picoUsdPerHour = (prices.instanceHour ?? 0) * 1e6;
  return Math.round((picoUsdPerHour * busyMs) / 3_600_000 / (concurrency?.max ?? 1));
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
 * the price of input; without token prices a share of the instance's time. 0 where no price is known.
 *
 * @param busyMs milliseconds for which the attempt held a place at the backend
 */
export function costOf(usage: BilledTokens, backend: Priced, busyMs: number): number {
  const tokens = tokenPricesOf(backend.prices, usage);
  if (tokens === undefined) return shareOfTime(backend, busyMs);
  return (
    usage.input * tokens.input +
    usage.cacheRead * (tokens.cacheRead ?? tokens.input) +
    usage.cacheWrite5m * (tokens.cacheWrite5m ?? tokens.input) +
    usage.cacheWrite1h * (tokens.cacheWrite1h ?? tokens.input) +
    usage.output * tokens.output
  );
}

/** Characters that AWS bills as one text unit; a unit that is begun is billed. */
const charactersPerUnit = 1_000;

/** @param characters of one text that a guardrail looks at */
const unitsIn = (characters: number): number => Math.ceil(characters / charactersPerUnit);

/**
 * Text units that the backend's own guardrail probably counts within a call, of what goes in and of what
 * comes out; 0 where it has none. A model of embeddings is called without.
 */
export function ownGuardrailUnits(
  { target, capabilities }: BackendEntry,
  { input, cacheRead, cacheWrite5m, cacheWrite1h, output }: BilledTokens,
): number {
  if (target.type !== "Bedrock" || target.guardrail === undefined) return 0;
  if (output === 0 && capabilities.includes("Embeddings")) return 0;
  const shown = input + cacheRead + cacheWrite5m + cacheWrite1h;
  return unitsIn(shown * charactersPerToken) + unitsIn(output * charactersPerToken);
}

/** What these units cost, in whole pico-USD: beside `costOf`, and 0 where they have no price. */
export function ownGuardrailCost(backend: BackendEntry, usage: BilledTokens): number {
  const { guardrailUnit = 0 } = backend.prices;
  return guardrailUnit === 0 ? 0 : guardrailUnit * ownGuardrailUnits(backend, usage);
}

/**
 * What these tokens cost on a backend, its own guardrail among it, in whole pico-USD: where it is paid
 * by the hour alone, for as long as it usually takes. What the baseline would have cost is found so.
 */
export function usualCost(usage: BilledTokens, backend: BackendEntry, book: LatencyBook): number {
  const busyMs = isPaidByTheHour(backend.prices) ? usualMs(usage, backend, book) : 0;
  return costOf(usage, backend, busyMs) + ownGuardrailCost(backend, usage);
}

function usualMs({ output }: BilledTokens, backend: BackendEntry, book: LatencyBook): number {
  return book.firstTokenMs(backend, 0.5) + (output * 1_000) / book.tokensPerSecond(backend);
}
