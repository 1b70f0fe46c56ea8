import { anyDrift, QualityWatch, type Gambler } from "../../policy/index.ts";
import type { AccuracyLabel, Window } from "../series.ts";
import {
  againstBaseline,
  againstBefore,
  againstItself,
  fewestLabels,
  meanOf,
  splitLabels,
  watchedCount,
  type PairedLabels,
  type ScoredPair,
} from "./accuracy-pairs.ts";

/**
 * An alarm takes a capital of so many times the first: of labels watched from the same day on at most one false in a
 * thousand, however often one looks.
 */
export const alarmingEvidence = 1_000;
/** Beyond this it says nothing more, and stays a number that people read. */
const mostEvidence = 1e12;

export interface AccuracyVerdict {
  source: AccuracyLabel["source"];
  hasFallen: boolean;
  evidence: number;
  /** When the labels changed, and when the evidence sufficed; null where it never did. */
  changedAt: number | null;
  foundAt: number | null;
  before: { share: number; n: number };
  now: { share: number; n: number };
}

/** By how much their word counts: a replayed set is the same prompts each day, clients say what they like. */
const sources = ["golden", "feedback", "shadow"] as const;

/** @returns null where no source has labels enough */
export function judgeAccuracy(
  labels: readonly AccuracyLabel[],
  windows: readonly Window[],
  floorPercent: number | null,
  changedAt: number | null,
): AccuracyVerdict | null {
  for (const source of sources) {
    const own = labels.filter((label) => label.source === source);
    const split = splitLabels(own, windows, changedAt);
    if (split.watched.length < fewestLabels) continue;
    const isKnown = split.before.length >= fewestLabels;
    const kinds = [
      againstBaseline(split, floorPercent),
      ...(isKnown
        ? [source === "golden" ? againstItself(split, windows) : againstBefore(split, windows)]
        : []),
    ].filter(({ pairs }) => pairs.length >= fewestLabels);
    if (kinds.length === 0) continue;
    const found = watchAll(kinds, windows);
    return {
      source,
      ...found,
      before: { share: meanOf(split.before), n: split.before.length },
      now: nowOf(split.watched, found.hasFallen ? found.changedAt : null),
    };
  }
  return null;
}

function nowOf(watched: readonly AccuracyLabel[], since: number | null): AccuracyVerdict["now"] {
  const own = watched.filter(({ ts }) => since === null || ts >= since);
  return { share: meanOf(own), n: own.length };
}

type Found = Pick<AccuracyVerdict, "hasFallen" | "evidence" | "changedAt" | "foundAt">;

/** What all kinds of pairs say together: the mean of evidences is evidence. */
function watchAll(kinds: readonly PairedLabels[], windows: readonly Window[]): Found {
  const each = kinds.map((labels) => ({ labels, bets: new Bets(labels, windows) }));
  const events = each
    .flatMap(({ labels, bets }) => labels.pairs.map((pair) => ({ pair, bets })))
    .toSorted((left, right) => left.pair.ts - right.pair.ts);
  let most = 1;
  let foundAt: number | null = null;
  for (const { pair, bets } of events) {
    bets.add(pair);
    const evidence = each.reduce((sum, one) => sum + one.bets.evidence, 0) / each.length;
    most = Math.max(most, evidence);
    if (foundAt === null && evidence >= alarmingEvidence) foundAt = pair.ts;
  }
  const last = kinds.at(-1);
  const hasRecovered = foundAt !== null && last !== undefined && keepsNow(last, windows);
  const latest = Math.max(...each.map(({ bets }) => bets.latest));
  return {
    hasFallen: foundAt !== null && !hasRecovered,
    evidence: Math.min(mostEvidence, hasRecovered ? Math.min(latest, alarmingEvidence) : most),
    changedAt: foundAt === null || last === undefined ? null : turningPoint(last),
    foundAt,
  };
}

/** Parts of the watched time. Bets that begin later have not lost on what was still good. */
const beginnings = [
  { part: 1, capital: 0.35 },
  { part: 0.5, capital: 0.25 },
  { part: 0.2, capital: 0.2 },
  { part: 0, capital: 0.2 },
] as const;

interface Begun {
  from: number;
  /** What its labels may fall short by: few days more than many. */
  margin: number;
  capital: number;
  watch: QualityWatch;
}

/** Bets against the labels from several days on, each with a part of the capital. */
class Bets {
  readonly #begun: readonly Begun[];

  constructor(labels: PairedLabels, windows: readonly Window[]) {
    this.#begun = beginnings.map(({ part, capital }) => {
      const count = watchedCount(windows, part);
      const margin = labels.margin(count);
      const from = windows.at(-count)?.from ?? 0;
      return { from, margin, capital, watch: newWatch(labels, margin) };
    });
  }

  get evidence(): number {
    return this.#begun.reduce((sum, { capital, watch }) => sum + capital * watch.evidence, 0);
  }

  /** Of the last that began. */
  get latest(): number {
    return this.#begun.at(-1)?.watch.evidence ?? 1;
  }

  add({ ts, score, against }: ScoredPair): void {
    for (const { from, margin, watch } of this.#begun)
      if (ts >= from) watch.add(score, against - margin);
  }
}

/** Falls below what is tolerated that the stakes suit: most of the capital is on the least, which takes longest. */
const falls = [
  { points: 0.03, capital: 0.7 },
  { points: 0.08, capital: 0.2 },
  { points: 0.2, capital: 0.1 },
] as const;

function newWatch({ pairs, isPaired }: PairedLabels, margin: number): QualityWatch {
  if (isPaired) return new QualityWatch(1, 1 / alarmingEvidence, within(1 + margin));
  const against = Math.max(0, (pairs[0]?.against ?? 0.5) - margin);
  const variance = Math.max(0.01, against * (1 - against));
  const gamblers = falls.map(({ points, capital }) => ({ stake: points / variance, capital }));
  return new QualityWatch(1, 1 / alarmingEvidence, within(Math.max(0.1, 1 - against), gamblers));
}

/** No label may take a whole capital: `most` is the largest difference that there can be. */
const within = (most: number, gamblers = anyDrift): readonly Gambler[] =>
  gamblers.map(({ stake, capital }) => ({ stake: Math.min(stake, 0.95 / most), capital }));

/** Whether the labels of the last three windows, if there are enough, surely reach what they have to. */
function keepsNow({ pairs, margin }: PairedLabels, windows: readonly Window[]): boolean {
  const from = windows.at(-3)?.from ?? 0;
  const allowed = margin(watchedCount(windows));
  const differences = pairs.flatMap(({ ts, score, against }) =>
    ts >= from ? [{ score: score - against + allowed }] : [],
  );
  const n = differences.length;
  if (n < fewestLabels) return false;
  const mean = meanOf(differences);
  const squares = differences.reduce((sum, { score }) => sum + (score - mean) ** 2, 0);
  return mean - 1.645 * Math.sqrt(squares / (n - 1) / n) > 0;
}

/** The last label before more was lost than won ever after. */
function turningPoint({ pairs, margin }: PairedLabels): number | null {
  const allowed = margin(Infinity);
  let won = 0;
  let most = 0;
  let at = pairs[0]?.ts ?? null;
  for (const [place, { score, against }] of pairs.entries()) {
    won += score - against + allowed;
    if (won <= most) continue;
    most = won;
    at = pairs[place + 1]?.ts ?? at;
  }
  return at;
}
