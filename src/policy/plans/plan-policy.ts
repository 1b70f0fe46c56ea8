import { decide } from "../../routing/index.ts";
import type { ScoredRow } from "./scored-row.ts";

/** What a plan chooses by; candidates are places, the baseline last. */
export interface PlanPolicy {
  /** Correctness that a dollar must buy. */
  lambda: number;
  /** By candidate: what it is held back by. */
  handicaps: Float64Array;
}

const stepsPerDecade = 16;
const decades = 6;

/** As good as nothing, but among equally good ones the cheaper is chosen, by the router as by the planner. */
const leastLambda = 0.01;

/**
 * The λ that are tried: the best whatever it costs first, then a correctness of 0.3 to 300,000 per dollar,
 * which prices short questions and long ones alike. Fixed beforehand, which the scan's bound needs.
 */
export const planLadder: readonly number[] = [
  leastLambda,
  ...Array.from(
    { length: decades * stepsPerDecade + 1 },
    (_, step) => 0.3 * 10 ** (step / stepsPerDecade),
  ),
];

/** The place of what the router's own rule chooses. */
export function chooseFor(
  { correct, costUsd }: ScoredRow,
  { lambda, handicaps }: PlanPolicy,
): number {
  // Nearly always nothing is held back, and nothing has to be made.
  if (handicaps.every((each) => each === 0)) return decide(correct, costUsd, lambda);
  const held = correct.map((each, place) => each - (handicaps[place] ?? 0));
  return decide(held, costUsd, lambda);
}

/** By candidate: its share of the rows. */
export function sharesOf(rows: readonly ScoredRow[], policy: PlanPolicy): Float64Array {
  const shares = new Float64Array(policy.handicaps.length);
  for (const row of rows) {
    const place = chooseFor(row, policy);
    shares[place] = (shares[place] ?? 0) + 1;
  }
  return shares.map((count) => (rows.length === 0 ? 0 : count / rows.length));
}

/** What a policy saves on the rows: as a share of the baseline's expected cost, and of a row in USD; 0 of none. */
export function expectedSaving(
  rows: readonly ScoredRow[],
  policy: PlanPolicy,
): { saving: number; savedUsd: number } {
  let spent = 0;
  let baseline = 0;
  for (const row of rows) {
    spent += row.costUsd[chooseFor(row, policy)] ?? 0;
    baseline += row.costUsd.at(-1) ?? 0;
  }
  if (baseline === 0) return { saving: 0, savedUsd: 0 };
  return { saving: 1 - spent / baseline, savedUsd: (baseline - spent) / rows.length };
}
