import type { Rates } from "../console-view.ts";
import {
  freshMs,
  recentMs,
  type Counts,
  type Money,
  type RouteFigures,
} from "../traffic/route-tally.ts";

/** A second or two of traffic would make rates of anything. */
const leastMs = 1_000;

/** @param watchedMs how long the router has been watched: less than the window at first */
export function ratesOf(counts: Counts, watchedMs: number, windowMs = recentMs): Rates {
  const overMs = Math.max(leastMs, Math.min(watchedMs, windowMs));
  const requests = endsOf(counts);
  const share = (part: number) => (requests === 0 ? null : part / requests);
  return {
    overMs,
    requests,
    perSecond: requests / (overMs / 1_000),
    failedShare: share(counts.failed),
    limitedShare: share(counts.limited),
    fallbackShare: share(counts.fallback),
    missedShare: share(counts.missed),
  };
}

/** Of the last minute. */
export const freshRatesOf = (counts: Counts, watchedMs: number): Rates =>
  ratesOf(counts, watchedMs, freshMs);

/** As many requests must have come before their share says anything. */
export const leastRequests = 10;
/** Of one minute a share says something only where it is of as many events. */
const leastEvents = 3;

type ShareName = "failedShare" | "limitedShare" | "fallbackShare" | "missedShare";

/**
 * The window that tells the worse of a share, the last five minutes or the last one of them, which shows an incident as
 * it begins; null where too few requests came.
 */
export function worseWindow(row: Rates & { fresh: Rates }, name: ShareName): Rates | null {
  if (row.requests < leastRequests) return null;
  const { fresh } = row;
  const events = Math.round((fresh[name] ?? 0) * fresh.requests);
  const isTold = fresh.requests >= leastRequests && events >= leastEvents;
  return isTold && (fresh[name] ?? 0) > (row[name] ?? 0) ? fresh : row;
}

const endsOf = ({ answered, refused, limited, failed, aborted }: Counts): number =>
  answered + refused + limited + failed + aborted;

const none: Counts = {
  answered: 0,
  refused: 0,
  limited: 0,
  failed: 0,
  aborted: 0,
  fallback: 0,
  missed: 0,
};

/** All of them together. */
export function sumOf(figures: Iterable<RouteFigures>): Counts {
  const sum: Record<keyof Counts, number> = { ...none };
  for (const { recent } of figures)
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += recent[name];
  return sum;
}

/** Of a route that nobody has called. */
export const noFigures: RouteFigures = {
  recent: none,
  fresh: none,
  requestsBySlot: [],
  failedBySlot: [],
  requests: 0,
  costUsd: 0,
  baselineUsd: 0,
  comparedUsd: 0,
};

export interface Savings {
  costUsd: number;
  baselineUsd: number;
  /** Of the baseline's cost, for the requests that could be compared; null where none could. */
  savedShare: number | null;
}

export function savingsOf({ costUsd, baselineUsd, comparedUsd }: Money): Savings {
  const savedShare = baselineUsd === 0 ? null : 1 - comparedUsd / baselineUsd;
  return { costUsd, baselineUsd, savedShare };
}
