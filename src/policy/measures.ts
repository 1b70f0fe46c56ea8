import type { ScoredPrompt } from "./scored-prompt.ts";

/**
 * Average performance gap recovered between a weak tier and a strong one: the mean, over every share
 * of calls that may go to the strong, of the share of their difference in correctness that is had by
 * sending it those prompts where it is expected to gain most. 0.5 is chance.
 */
export function performanceGapRecovered(
  scored: readonly ScoredPrompt[],
  weak: number,
  strong: number,
): number {
  const gain = ({ correct }: ScoredPrompt): number => (correct[strong] ?? 0) - (correct[weak] ?? 0);
  const real = ({ prompt: { correct } }: ScoredPrompt): number =>
    (correct[strong] ?? 0) - (correct[weak] ?? 0);
  const order = scored.toSorted((left, right) => gain(right) - gain(left));
  let recovered = 0;
  let area = 0;
  for (const each of order) {
    area += recovered + real(each) / 2;
    recovered += real(each);
  }
  return area / order.length / recovered;
}

const bins = 15;

/** Answers whose chance was said to lie between the same two shares. */
export interface ReliabilityBin {
  answers: number;
  /** Mean of the chances that were said. */
  said: number;
  /** Share of the answers that were correct. */
  came: number;
}

/** Gathers what chances were said and what came of them, in 15 bins of equal width. */
export class ReliabilitySums {
  readonly #sums = Array.from({ length: bins }, () => ({ answers: 0, said: 0, came: 0 }));

  /** @param came 1 of a correct answer, 0 of a wrong one, or a share */
  add(said: number, came: number): void {
    const sum = this.#sums[Math.min(bins - 1, Math.floor(said * bins))];
    if (sum === undefined) return;
    sum.answers += 1;
    sum.said += said;
    sum.came += came;
  }

  /** Empty ones are left out. */
  bins(): ReliabilityBin[] {
    return this.#sums
      .filter(({ answers }) => answers > 0)
      .map(({ answers, said, came }) => ({ answers, said: said / answers, came: came / answers }));
  }
}

/** Of all tiers. */
export function reliabilityOf(scored: readonly ScoredPrompt[]): ReliabilityBin[] {
  const sums = new ReliabilitySums();
  for (const { correct, prompt } of scored) {
    for (const [tier, chance] of correct.entries()) sums.add(chance, prompt.correct[tier] ?? 0);
  }
  return sums.bins();
}

/** Expected calibration error. */
export function errorOf(found: readonly ReliabilityBin[]): number {
  const count = found.reduce((sum, { answers }) => sum + answers, 0);
  const misses = found.reduce(
    (sum, each) => sum + each.answers * Math.abs(each.said - each.came),
    0,
  );
  return misses / count;
}

/** The same over all tiers. */
export const calibrationError = (scored: readonly ScoredPrompt[]): number =>
  errorOf(reliabilityOf(scored));

/** The chance that a right answer is scored above a wrong one. */
export function areaUnderCurve(scores: readonly number[], right: readonly number[]): number {
  const order = Array.from(scores.keys()).toSorted(
    (left, other) => (scores[left] ?? 0) - (scores[other] ?? 0),
  );
  let ranks = 0;
  let from = 0;
  while (from < order.length) {
    let to = from + 1;
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to += 1;
    const rank = (from + to + 1) / 2;
    for (const place of order.slice(from, to)) ranks += rank * (right[place] ?? 0);
    from = to;
  }
  const rights = right.reduce((sum, each) => sum + each, 0);
  return (ranks - (rights * (rights + 1)) / 2) / (rights * (right.length - rights));
}
