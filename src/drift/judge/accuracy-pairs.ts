import type { AccuracyLabel, Window } from "../series.ts";

/** What an answer scored, and what it is measured against. */
export interface ScoredPair {
  ts: number;
  score: number;
  against: number;
}

/** Pairs of one kind, which the same bets suit. */
export interface PairedLabels {
  pairs: readonly ScoredPair[];
  /** Whether the pairs are of one prompt each, so that they differ less than answers do. */
  isPaired: boolean;
  /** By how much so many windows may fall short in the mean before it counts. */
  margin: (windows: number) => number;
}

/** Labels of one source, split into what was and what is watched. */
export interface SplitLabels {
  before: readonly AccuracyLabel[];
  watched: readonly AccuracyLabel[];
}

export const fewestLabels = 200;
/** Accuracy is watched over so many of the newest windows, or half of all, against those before. */
const mostWatched = 28;
/** An accuracy may fall by a point before it counts. */
const toleratedPoints = 0.01;
/**
 * What it was is itself a guess, and days differ: off by more than this many standard errors one time
 * in two hundred, and then not by enough to find it soon.
 */
const surely = 2.6;

/** How many of the newest windows are watched, or are the last part of those: of 31 it is 15. */
export function watchedCount(windows: readonly Window[], part = 1): number {
  const count = Math.min(mostWatched, Math.floor(windows.length / 2));
  return Math.max(1, Math.ceil(count * part));
}

/** @param changedAt since when accuracy is known to have fallen: what came later is not what it was */
export function splitLabels(
  labels: readonly AccuracyLabel[],
  windows: readonly Window[],
  changedAt: number | null,
): SplitLabels {
  const since = windows.at(-watchedCount(windows))?.from ?? 0;
  const to = windows.at(-1)?.to ?? 0;
  const from = windows[0]?.from ?? 0;
  const known = labels.filter(({ ts, score }) => ts >= from && ts < to && score >= 0 && score <= 1);
  const earlier = known.filter(({ ts }) => ts < since);
  const sound = earlier.filter(({ ts }) => changedAt === null || ts < changedAt);
  return {
    before: sound.length >= fewestLabels ? sound : earlier,
    watched: known.filter(({ ts }) => ts >= since).toSorted(inOrder),
  };
}

/** By time; among labels of one instant in an order that does not hang on how they came. */
const inOrder = (left: AccuracyLabel, right: AccuracyLabel): number =>
  left.ts - right.ts ||
  (left.promptId < right.promptId ? -1 : Number(left.promptId > right.promptId)) ||
  left.score - right.score;

/** Against the same prompt's score by the baseline, of which the floor has to be kept, come what may. */
export function againstBaseline(
  { watched }: SplitLabels,
  floorPercent: number | null,
): PairedLabels {
  const floor = floorPercent === null ? null : floorPercent / 100;
  const pairs = watched.flatMap(({ ts, score, baselineScore }) =>
    baselineScore === null || floor === null ? [] : [{ ts, score, against: floor * baselineScore }],
  );
  return { pairs, isPaired: true, margin: () => 0 };
}

/** Against what the same prompt of a golden set scored before, as in McNemar's test: only those that changed count. */
export function againstItself(
  { before, watched }: SplitLabels,
  windows: readonly Window[],
): PairedLabels {
  const byPrompt = Map.groupBy(before, ({ promptId }) => promptId);
  const means = new Map([...byPrompt].map(([prompt, labels]) => [prompt, meanOf(labels)]));
  const against = ({ promptId }: AccuracyLabel) => means.get(promptId) ?? 0;
  const paired = watched.filter(({ promptId }) => means.has(promptId));
  return {
    pairs: paired.map((label) => ({ ts: label.ts, score: label.score, against: against(label) })),
    isPaired: true,
    margin: marginFor(promptError(byPrompt, paired), daysDiffer(before, against, windows)),
  };
}

/** Against what answers scored before, where no two are of the same prompt. */
export function againstBefore(
  { before, watched }: SplitLabels,
  windows: readonly Window[],
): PairedLabels {
  const against = meanOf(before);
  const n = Math.max(2, before.length);
  const byChance = Math.sqrt(squaresOf(before) / (n - 1) / n);
  return {
    pairs: watched.map(({ ts, score }) => ({ ts, score, against })),
    isPaired: false,
    margin: marginFor(
      byChance,
      daysDiffer(before, () => against, windows),
    ),
  };
}

/** How days differ beyond chance, as the variance between them, and of how many that is known. */
interface DaysDiffer {
  variance: number;
  days: number;
}

/** @param error by chance, of what it was */
const marginFor =
  (error: number, { variance, days }: DaysDiffer) =>
  (windows: number): number =>
    Math.max(
      toleratedPoints,
      surely * Math.sqrt(error ** 2 + variance / days + variance / windows),
    );

/** By so many standard deviations of Cochran's Q, or days are taken to be alike: less than that costs power for nothing. */
const plainly = 1.28;

/** By moments, as of shares. */
function daysDiffer(
  labels: readonly AccuracyLabel[],
  against: (label: AccuracyLabel) => number,
  windows: readonly Window[],
): DaysDiffer {
  const rests = labels.map((label) => ({ ts: label.ts, score: label.score - against(label) }));
  const days = windows.flatMap(({ from, to }) => {
    const own = rests.filter(({ ts }) => ts >= from && ts < to);
    return own.length === 0 ? [] : [{ n: own.length, mean: meanOf(own) }];
  });
  const n = Math.max(2, rests.length);
  const chance = squaresOf(rests) / (n - 1);
  const between = days.reduce((sum, day) => sum + day.n * day.mean ** 2, 0);
  const weight = n - days.reduce((sum, day) => sum + day.n ** 2, 0) / n;
  const freedom = Math.max(1, days.length - 1);
  const excess = between - freedom * chance;
  const isSure = weight > 0 && excess > plainly * Math.sqrt(2 * freedom) * chance;
  return { variance: isSure ? excess / weight : 0, days: Math.max(1, days.length) };
}

export const meanOf = (labels: readonly { score: number }[]): number =>
  labels.length === 0 ? 0 : labels.reduce((sum, { score }) => sum + score, 0) / labels.length;

const squaresOf = (labels: readonly { score: number }[]): number => {
  const mean = meanOf(labels);
  return labels.reduce((sum, { score }) => sum + (score - mean) ** 2, 0);
};

/** The standard error of the mean of what prompts scored before, as often as each is asked now. */
function promptError(
  byPrompt: ReadonlyMap<string, readonly AccuracyLabel[]>,
  asked: readonly AccuracyLabel[],
): number {
  const groups = [...byPrompt.values()];
  const repeats = groups.reduce((sum, labels) => sum + labels.length - 1, 0);
  const squares = groups.reduce((sum, labels) => sum + squaresOf(labels), 0);
  const variance = repeats > 0 ? squares / repeats : 0.25;
  const times = Map.groupBy(asked, ({ promptId }) => promptId);
  let sum = 0;
  for (const [prompt, labels] of times)
    sum += (labels.length / asked.length) ** 2 / (byPrompt.get(prompt)?.length ?? 1);
  return Math.sqrt(variance * sum);
}
