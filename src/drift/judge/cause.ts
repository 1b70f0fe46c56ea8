import type { SeriesFinding } from "../finding.ts";
import type { DistributionSignal, MixCell, MixSeries, Signal } from "../series.ts";

type Cause = NonNullable<SeriesFinding["cause"]>;
type Cells = ReadonlyMap<string, MixCell>;

/** A mix that moved by less explains nothing. */
const leastMoved = 0.1;
/** Where nobody can say how much it explains, it has to have moved by so much to be named. */
const leastCoincident = 0.25;
const leastExplained = 0.3;
/** Of a category before, to take its mean for what it would be. */
const fewestBefore = 20;

/**
 * Which fact of the requests moved along, and how much of the change is gone once its mix is held as
 * it was (Kitagawa's decomposition of a difference of means). A guess: what moves together need not
 * be cause and effect.
 *
 * @param mixes of the series' key
 * @param before the windows of the reference
 * @param after those since the change
 */
export function guessCause(
  mixes: readonly MixSeries[],
  signal: Signal,
  before: readonly number[],
  after: readonly number[],
): Cause | null {
  const guesses = mixes.flatMap((mix) => {
    const guess = guessFrom(mix, signal, before, after);
    return guess === null ? [] : [guess];
  });
  const ordered = guesses.toSorted(
    (left, right) =>
      (right.cause.share ?? -1) - (left.cause.share ?? -1) ||
      right.moved - left.moved ||
      (left.cause.fact < right.cause.fact ? -1 : 1),
  );
  return ordered[0]?.cause ?? null;
}

function guessFrom(
  mix: MixSeries,
  signal: Signal,
  before: readonly number[],
  after: readonly number[],
): { cause: Cause; moved: number } | null {
  const was = pool(mix, before);
  const is = pool(mix, after);
  const shares = [...new Set([...was.keys(), ...is.keys()])].toSorted().map((category) => ({
    category,
    was: shareOf(was, category),
    is: shareOf(is, category),
  }));
  if (was.size === 0 || is.size === 0) return null;
  const moved = shares.reduce((sum, share) => sum + Math.abs(share.is - share.was), 0) / 2;
  if (moved < leastMoved) return null;
  const explained = explainedBy(was, is, signal);
  if (explained === null ? moved < leastCoincident : explained < leastExplained) return null;
  const shrunk = shares.reduce((most, one) => (one.is - one.was < most.is - most.was ? one : most));
  const grown = shares.reduce((most, one) => (one.is - one.was > most.is - most.was ? one : most));
  const cause = { fact: mix.fact, from: inWords(shrunk), to: inWords(grown), share: explained };
  return { cause, moved };
}

const inWords = ({ category, was, is }: { category: string; was: number; is: number }): string =>
  `${category.slice(0, 256)} (${percent(was)} → ${percent(is)})`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function pool(mix: MixSeries, windows: readonly number[]): Cells {
  const cells = new Map<string, { count: number; means: MixCell["means"] }>();
  for (const window of windows)
    for (const [category, cell] of Object.entries(mix.windows[window] ?? {})) {
      if (!(cell.count > 0) || !Number.isFinite(cell.count)) continue;
      const known = cells.get(category);
      cells.set(category, known === undefined ? cell : join(known, cell));
    }
  return cells;
}

function join(left: MixCell, right: MixCell): MixCell {
  const count = left.count + right.count;
  const signals = Object.keys(left.means) as DistributionSignal[];
  const means = signals.flatMap((signal) => {
    const [one, other] = [left.means[signal], right.means[signal]];
    if (one === undefined || other === undefined) return [];
    return [[signal, (one * left.count + other * right.count) / count]];
  });
  return { count, means: Object.fromEntries(means) };
}

const total = (cells: Cells): number =>
  [...cells.values()].reduce((sum, { count }) => sum + count, 0);

const shareOf = (cells: Cells, category: string): number =>
  (cells.get(category)?.count ?? 0) / total(cells);

/** One category before and after; a mean is that of the signal, 0 where nothing was counted. */
interface Row {
  shareBefore: number;
  shareAfter: number;
  meanBefore: number;
  meanAfter: number;
  /** The mean that it is held at. */
  held: number;
}

/** @returns null where something was counted whose mean the source does not know */
function rowOf(category: string, was: Cells, is: Cells, signal: Signal): Row | null {
  const before = was.get(category);
  const after = is.get(category);
  const meanBefore = meanOf(before, signal);
  const meanAfter = meanOf(after, signal);
  if (meanBefore === null || meanAfter === null) return null;
  // What was hardly there before cannot be held at what it was.
  const isKnown = after === undefined || (before?.count ?? 0) >= fewestBefore;
  return {
    shareBefore: shareOf(was, category),
    shareAfter: shareOf(is, category),
    meanBefore,
    meanAfter,
    held: isKnown ? meanBefore : meanAfter,
  };
}

function meanOf(cell: MixCell | undefined, signal: Signal): number | null {
  if (cell === undefined) return 0;
  const mean = cell.means[signal as DistributionSignal];
  return mean === undefined || !Number.isFinite(mean) ? null : mean;
}

/** @returns 0 … 1; null where the source does not know the signal's means by category */
function explainedBy(was: Cells, is: Cells, signal: Signal): number | null {
  let composition = 0;
  let change = 0;
  for (const category of new Set([...was.keys(), ...is.keys()])) {
    const row = rowOf(category, was, is, signal);
    if (row === null) return null;
    composition += (row.shareAfter - row.shareBefore) * row.held;
    change += row.shareAfter * row.meanAfter - row.shareBefore * row.meanBefore;
  }
  const explained = composition / change;
  return Number.isFinite(explained) ? Math.min(1, Math.max(0, explained)) : null;
}
