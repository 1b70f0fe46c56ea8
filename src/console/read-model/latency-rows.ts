import type { LatencyFigures, LatencyRow } from "../console-view.ts";
import type { Facts } from "../facts.ts";
import { freshMs, recentMs } from "../traffic/route-tally.ts";
import type { PairFigures, Seen } from "../traffic/pair-tally.ts";

/** Fewer answers say nothing of a P95. */
const leastFresh = 10;
const leastEarlier = 30;
/** Clearly slower: by so much more than the minutes before, and by so many milliseconds. */
const slowFactor = 1.5;
const slowMs = 250;
/** Clearly failing: by so many of its attempts, and so large a part of them. */
const leastAttempts = 10;
const leastFailed = 3;
const failingShare = 0.1;

/** Each backend on each route that it has answered lately, the busiest first. */
export function latencyRows({ traffic }: Facts): LatencyRow[] {
  return traffic.pairs.filter(isKnown).map((pair) => rowOf(pair, traffic.watchedMs));
}

const isKnown = ({ attempts, total, firstToken }: PairFigures): boolean =>
  attempts > 0 || total.earlier !== null || firstToken.earlier !== null;

function rowOf(pair: PairFigures, watchedMs: number): LatencyRow {
  const { route, backend, attempts, failed, firstToken, total } = pair;
  const slower = [slowerBy(firstToken), slowerBy(total)].filter((each) => each !== null);
  return {
    route,
    backend,
    attempts,
    failedShare: attempts === 0 ? null : failed / attempts,
    firstToken: figuresOf(firstToken),
    total: figuresOf(total),
    slowerBy: slower.length === 0 ? null : Math.max(...slower),
    failing: failingOf(pair, watchedMs),
  };
}

function failingOf(pair: PairFigures, watchedMs: number): LatencyRow["failing"] {
  const { attempts, failed, freshAttempts, freshFailed } = pair;
  const windows = [
    { overMs: Math.min(watchedMs, freshMs), attempts: freshAttempts, failed: freshFailed },
    { overMs: Math.min(watchedMs, recentMs), attempts, failed },
  ];
  const [worst] = windows
    .filter((each) => each.attempts >= leastAttempts && each.failed >= leastFailed)
    .map((each) => ({
      overMs: each.overMs,
      attempts: each.attempts,
      share: each.failed / each.attempts,
    }))
    .filter(({ share }) => share >= failingShare)
    .toSorted((left, right) => right.share - left.share);
  return worst ?? null;
}

function figuresOf({ recent, p95BySlot }: Seen): LatencyFigures | null {
  if (recent === null) return null;
  return { count: recent.count, p50Ms: recent.p50, p95Ms: recent.p95, p95BySlot };
}

/** By the median where that has moved, else by the P95: a slow tail is trouble, too. */
function slowerBy({ fresh, earlier }: Seen): number | null {
  if (fresh === null || earlier === null) return null;
  if (fresh.count < leastFresh || earlier.count < leastEarlier) return null;
  const isSlower = (which: "p50" | "p95") =>
    fresh[which] >= earlier[which] * slowFactor && fresh[which] - earlier[which] >= slowMs;
  if (isSlower("p50")) return fresh.p50 / earlier.p50;
  return isSlower("p95") ? fresh.p95 / earlier.p95 : null;
}
