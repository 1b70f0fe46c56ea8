import { soundCount } from "../histogram.ts";
import type { Window } from "../series.ts";
import { binomialTail, studentTail } from "../statistics/tail-probability.ts";
import { splitHistory, type History, type Missing } from "./history.ts";
import { ratio, settle, type Measured, type Verdict } from "./verdict.ts";

/** How many of how many: `hits` may be a sum of values from 0 to 1. */
export interface Tally {
  hits: number;
  n: number;
}

/** What became of one series of shares. */
export interface ShareVerdict {
  category: string;
  verdict: Verdict;
  /** Of all categories together. */
  pValue: number;
  history: History;
  /** The category's share in each window of the history. */
  shares: ReadonlyMap<number, number>;
  reference: Tally;
  current: Tally;
}

/** What a share may move by: so many points, or that part of itself where that is more. */
export interface Tolerance {
  points: number;
  part: number;
}

/** A share has to move by a point, or by a quarter of itself where that is more, but never by more than five points. */
const tolerated: Tolerance = { points: 0.01, part: 0.25 };
const mostTolerated = 0.05;
const deviations = 3.5;
/** Those beyond are counted together: a category is a word of few, and each costs evidence. */
const mostCategories = 16;
const theRest = "(the rest)";

export function judgeShares(
  counts: readonly (Readonly<Record<string, number>> | null)[],
  windows: readonly Window[],
  changedAt: number | null,
): ShareVerdict | Missing {
  const sound = windows.map((_, index) => soundCounts(counts[index] ?? null));
  const totals = sound.map((one) => [...one.values()].reduce((sum, count) => sum + count, 0));
  const split = splitHistory(windows, totals, changedAt);
  if ("missing" in split) return split;
  const used = [...split.reference, ...split.judged];
  const categories = commonest(used.map((index) => sound[index] ?? new Map()));
  const verdicts = [...categories].map((category) => {
    const tally = (index: number): Tally => ({
      hits: hitsOf(sound[index] ?? new Map(), category, categories),
      n: totals[index] ?? 0,
    });
    return judgeTally(category, split, tally, tolerated);
  });
  const gravest = verdicts.reduce((most, one) => (isGraver(one, most) ? one : most));
  const least = Math.min(...verdicts.map(({ pValue }) => pValue));
  return { ...gravest, pValue: Math.min(1, least * Math.max(1, verdicts.length - 1)) };
}

/** Of two that moved alike, as two categories always do, the one that grew. */
function isGraver(one: ShareVerdict, than: ShareVerdict): boolean {
  const more = ratio(one.verdict) - ratio(than.verdict);
  if (Math.abs(more) > 1e-9) return more > 0;
  return one.verdict.direction === "up" && than.verdict.direction === "down";
}

const soundCounts = (counts: Readonly<Record<string, number>> | null): Map<string, number> =>
  new Map(Object.entries(counts ?? {}).filter(([, count]) => soundCount(count) > 0));

function commonest(windows: readonly ReadonlyMap<string, number>[]): ReadonlySet<string> {
  const totals = new Map<string, number>();
  for (const window of windows)
    for (const [category, count] of window)
      totals.set(category, (totals.get(category) ?? 0) + count);
  const ordered = [...totals].toSorted(
    ([name, count], [other, than]) => than - count || (name < other ? -1 : 1),
  );
  const kept = ordered.slice(0, mostCategories).map(([category]) => category);
  return new Set(ordered.length > mostCategories ? [...kept, theRest] : kept);
}

function hitsOf(
  window: ReadonlyMap<string, number>,
  category: string,
  categories: ReadonlySet<string>,
): number {
  if (category !== theRest) return window.get(category) ?? 0;
  return [...window].reduce((sum, [name, count]) => (categories.has(name) ? sum : sum + count), 0);
}

/** One category alone: `tally` gives a window's, of at least one request. */
export function judgeTally(
  category: string,
  history: History,
  tally: (index: number) => Tally,
  tolerance: Tolerance,
): ShareVerdict {
  const reference = history.reference.map(tally);
  const usual = usualShare(reference);
  const measured = history.judged.map((index) => measure(tally(index), usual, tolerance));
  const verdict = settle(measured);
  return {
    category,
    verdict,
    pValue: verdict.pValue,
    history,
    shares: new Map(
      [...history.reference, ...history.judged].map((index) => [index, shareOf(tally(index))]),
    ),
    reference: add(reference),
    current: add(history.judged.map(tally)),
  };
}

export const shareOf = ({ hits, n }: Tally): number => (n > 0 ? hits / n : 0);

const add = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((sum, { hits, n }) => ({ hits: sum.hits + hits, n: sum.n + n }), {
    hits: 0,
    n: 0,
  });

interface UsualShare {
  share: number;
  /** Never 0 or 1: what was never seen is not impossible. */
  smoothed: number;
  /** Of one request. */
  chance: number;
  /** Between days, beyond what chance does. */
  betweenDays: number;
  days: number;
  perDay: number;
}

/**
 * Days differ by more than chance: at large n a plain chi² would find each of them different. What is
 * beyond chance is estimated by moments (DerSimonian and Laird's).
 */
function usualShare(days: readonly Tally[]): UsualShare {
  const { hits, n } = add(days);
  const share = hits / n;
  const smoothed = (hits + 1) / (n + 2);
  const chance = smoothed * (1 - smoothed);
  const scatter = days.reduce((sum, day) => sum + day.n * (shareOf(day) - share) ** 2, 0) / chance;
  const squares = days.reduce((sum, day) => sum + day.n * (day.n / n), 0);
  const excess = ((scatter - (days.length - 1)) * chance) / Math.max(n - squares, n * 1e-9);
  return {
    share,
    smoothed,
    chance,
    betweenDays: Math.max(0, excess),
    days: days.length,
    perDay: n / days.length,
  };
}

function measure(window: Tally, usual: UsualShare, { points, part }: Tolerance): Measured {
  const signed = shareOf(window) - usual.share;
  const ofReference = (usual.betweenDays + usual.chance / usual.perDay) / usual.days;
  const deviation = Math.sqrt(usual.chance / window.n + usual.betweenDays + ofReference);
  const difference = Math.abs(signed);
  // Where few are expected, the normal tail is too light.
  const byCount = binomialTail(Math.round(window.hits), Math.round(window.n), usual.smoothed);
  return {
    difference,
    threshold: Math.max(
      points,
      Math.min(mostTolerated, part * usual.share),
      deviations * deviation,
    ),
    pValue: Math.max(studentTail(difference / deviation, usual.days - 1), byCount),
    direction: signed >= 0 ? "up" : "down",
  };
}
