import type { AccuracyLabel, Window } from "../series.ts";

/** What an answer scored, and what it has to reach in the mean: what it is measured against less what is tolerated. */
export interface ScoredPair {
  ts: number;
  score: number;
  against: number;
}

/** Pairs of one kind, which the same bets suit. */
export interface PairedLabels {
  pairs: readonly ScoredPair[];
  /** Whether the pairs are of one prompt each, so that they differ less than answers do; else all are against this. */
  isPaired: boolean;
}

/** Labels of one source, split into what was and what is watched. */
export interface SplitLabels {
  before: readonly AccuracyLabel[];
  watched: readonly AccuracyLabel[];
}

export const fewestLabels = 200;
/** Accuracy is watched over so many of the newest windows, or half of all, against those before. */
const mostWatched = 28;
/** An accuracy may fall by a point and a half before it counts. */
const toleratedPoints = 0.015;
/** What it was is itself a guess: off by more than this many of its standard errors one time in a thousand. */
const surely = 3.1;

/** When the watched windows begin, or the last part of them: of 31 the newest 15 are watched. */
export function watchedSince(windows: readonly Window[], part = 1): number {
  const count = Math.min(mostWatched, Math.floor(windows.length / 2));
  return windows.at(-Math.max(1, Math.ceil(count * part)))?.from ?? 0;
}

/** @param changedAt since when accuracy is known to have fallen: what came later is not what it was */
export function splitLabels(
  labels: readonly AccuracyLabel[],
  windows: readonly Window[],
  changedAt: number | null,
): SplitLabels {
  const since = watchedSince(windows);
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

/** Against the same prompt's score by the baseline, of which the floor has to be kept. */
export function againstBaseline(
  { watched }: SplitLabels,
  floorPercent: number | null,
): PairedLabels {
  if (floorPercent === null) return { pairs: [], isPaired: true };
  const pairs = watched.flatMap(({ ts, score, baselineScore }) =>
    baselineScore === null ? [] : [{ ts, score, against: (floorPercent / 100) * baselineScore }],
  );
  return { pairs, isPaired: true };
}

/** Against what the same prompt of a golden set scored before, as in McNemar's test: only those that changed count. */
export function againstItself({ before, watched }: SplitLabels): PairedLabels {
  const byPrompt = Map.groupBy(before, ({ promptId }) => promptId);
  const means = new Map([...byPrompt].map(([prompt, labels]) => [prompt, meanOf(labels)]));
  const paired = watched.filter(({ promptId }) => means.has(promptId));
  const margin = Math.max(toleratedPoints, surely * promptError(byPrompt, paired));
  return {
    pairs: paired.map(({ ts, score, promptId }) => ({
      ts,
      score,
      against: (means.get(promptId) ?? 0) - margin,
    })),
    isPaired: true,
  };
}

/** Against what answers scored before, where no two are of the same prompt. */
export function againstBefore(
  { before, watched }: SplitLabels,
  windows: readonly Window[],
): PairedLabels {
  const against = meanOf(before) - Math.max(toleratedPoints, surely * meanError(before, windows));
  return { pairs: watched.map(({ ts, score }) => ({ ts, score, against })), isPaired: false };
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

/** The standard error of a mean: by chance, or by how days differ, whichever is more. */
function meanError(labels: readonly AccuracyLabel[], windows: readonly Window[]): number {
  const n = Math.max(2, labels.length);
  const byChance = Math.sqrt(squaresOf(labels) / (n - 1) / n);
  const days = windows.flatMap(({ from, to }) => {
    const own = labels.filter(({ ts }) => ts >= from && ts < to);
    return own.length === 0 ? [] : [{ score: meanOf(own) }];
  });
  if (days.length < 2) return byChance;
  return Math.max(byChance, Math.sqrt(squaresOf(days) / (days.length - 1) / days.length));
}
