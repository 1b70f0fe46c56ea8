import { decide } from "../routing/index.ts";
import type { LabelledPrompt } from "./labelled-prompt.ts";
import type { ScoredPrompt } from "./scored-prompt.ts";

/** By prompt: the place of the tier that it goes to. */
export type Assignment = Uint8Array;

/** λ by which always the dearest is chosen. */
export const alwaysStrongest = -1e12;

const stepsPerDecade = 96;

/**
 * The λ that are tried, from always-strongest towards cheap: it first, then the best whatever it
 * costs, then a correctness of 0.3 to 3,000 per dollar. Fixed beforehand, which the scan's bound needs.
 */
export const lambdaLadder: readonly number[] = [
  alwaysStrongest,
  0,
  ...Array.from(
    { length: 4 * stepsPerDecade + 1 },
    (_, step) => 0.3 * 10 ** (step / stepsPerDecade),
  ),
];

export function assignByLambda(scored: readonly ScoredPrompt[], lambda: number): Assignment {
  return Uint8Array.from(scored, ({ correct, costUsd }) => decide(correct, costUsd, lambda));
}

export function assignAll(count: number, tier: number): Assignment {
  return new Uint8Array(count).fill(tier);
}

/** What came of an assignment, beside the last tier's having answered everything. */
export interface Judged {
  /** Share of the strongest tier's correct answers that were kept; more than 1 where more were. */
  accuracyRatio: number;
  /** Share of its cost that was saved. */
  saved: number;
}

export function judge(assignment: Assignment, prompts: readonly LabelledPrompt[]): Judged {
  const sums = { correct: 0, cost: 0, strongest: 0, dearest: 0 };
  for (const [place, { correct, costUsd }] of prompts.entries()) {
    const tier = assignment[place] ?? 0;
    sums.correct += correct[tier] ?? 0;
    sums.cost += costUsd[tier] ?? 0;
    sums.strongest += correct.at(-1) ?? 0;
    sums.dearest += costUsd.at(-1) ?? 0;
  }
  return { accuracyRatio: sums.correct / sums.strongest, saved: 1 - sums.cost / sums.dearest };
}

/** The most that any of the assignments saves while it keeps the floor; 0 where none does. */
export function mostSaved(judged: readonly Judged[], floor: number): number {
  let most = 0;
  for (const { accuracyRatio, saved } of judged) {
    if (accuracyRatio >= floor) most = Math.max(most, saved);
  }
  return most;
}
