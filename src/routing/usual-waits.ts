import type { BackendEntry } from "../table/index.ts";
import type { Estimates } from "./estimate.ts";
import { blend, type LatencyBook, type Seen } from "./latency-book.ts";
import type { RequestNeeds } from "./request-needs.ts";
import { normalDeviate, usualQuantile } from "./usual-quantile.ts";

/** An attempt that is about to be made. */
export interface Prospect {
  backend: BackendEntry;
  /** Name of the route. */
  route: string;
  streaming: boolean;
  needs: RequestNeeds;
  /** What it was believed to take when it was chosen. */
  estimates: Estimates;
}

/** P95 of a log-normal quantity that has twice its median, as what is declared is taken to be. */
const declaredSpread = Math.LN2 / normalDeviate(0.95);

/** A hedge sooner than this protects nobody. */
const leastHedgeMs = 10;

/**
 * After how many milliseconds an attempt that has given nothing is slower than this percentile of what
 * is usual for its backend.
 *
 * @param percentile from 50 to 99
 */
export function hedgeDelayMs(prospect: Prospect, percentile: number, book: LatencyBook): number {
  const share = percentile / 100;
  const { streaming, estimates, backend } = prospect;
  const believed = streaming ? backend.expectations.firstTokenP95Ms : estimates.totalP95Ms;
  const deviation = (normalDeviate(share) - normalDeviate(0.95)) * declaredSpread;
  const { values, trust } = seenOf(prospect, book);
  const usual = values === undefined ? undefined : usualQuantile(values, share);
  const declared = Math.max(1, believed * Math.exp(deviation));
  const wait = usual === undefined ? declared : blend(declared, usual, trust);
  return Math.max(leastHedgeMs, wait + readingMs(prospect.needs));
}

/** So much slower than the slowest of a hundred usual ones is no longer usual, whatever the cause. */
const factor = 3;

/** Below these no attempt is cut: a network may hiccup, and a cut costs a second call. */
const leastFirstTokenMs = 1_000;
const leastWholeMs = 2_000;

/**
 * How many milliseconds an attempt may take for its first content, or whole, where another candidate
 * stands by. It moves from what is declared to three times the usual P99 as samples come in, and is
 * never more than what is declared.
 *
 * Whole answers differ in length by themselves, and a long one is no fault: of them the P99 is taken as
 * measured. Cut ones are in it too, so that it grows as soon as one in a hundred is cut.
 */
export function patienceMs(prospect: Prospect, book: LatencyBook): number {
  const { backend, streaming, needs } = prospect;
  const { firstTokenMs, totalMs } = backend.timeouts;
  const declared = streaming ? firstTokenMs : totalMs;
  const { values, trust } = seenOf(prospect, book);
  if (values === undefined) return declared;
  const slow = streaming ? usualQuantile(values, 0.99) : values.quantile(0.99);
  if (slow === undefined) return declared;
  const least = streaming ? leastFirstTokenMs : leastWholeMs;
  const bound = Math.max(least, slow * factor) + readingMs(needs);
  return Math.min(declared, blend(declared, bound, trust));
}

function seenOf({ backend, route, streaming }: Prospect, book: LatencyBook): Seen {
  return streaming ? book.firstTokens(backend.name) : book.wholes(backend.name, route);
}

/** An input this short is among the usual ones; the rest is read at 5,000 tokens a second at least. */
const usualInputTokens = 4_000;
const msPerInputToken = 0.2;

function readingMs({ inputTokens }: RequestNeeds): number {
  return Math.max(0, inputTokens - usualInputTokens) * msPerInputToken;
}
