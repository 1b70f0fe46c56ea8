import { chooseFor, sharesOf, type PlanPolicy } from "./plan-policy.ts";
import type { ScoredRow } from "./scored-row.ts";

/** Rows are to be shared among options: each row one option, each option at most its share of the rows. */
export interface SharesProblem {
  /** By row, then by option: what the option is worth to the row; −∞ where it is none. */
  values: readonly Float64Array[];
  /** By option: the largest share, 0..1. */
  limits: Float64Array;
}

/**
 * Solves the linear program of greatest worth. @returns by option the dual of its limit: what one row more
 * would be worth, and so what the option is to be held back by; 0 where the limit does not bind
 */
export type ShareSolver = (problem: SharesProblem) => Float64Array;

/** So many rows tell the duals to within a per cent; more only take longer. */
const sampleSize = 300;
/** Of a share: what rounding may leave over. */
const tolerance = 0.005;
const mostNudges = 60;

/** The policy of a λ under which no candidate gets more than its share of the rows. */
export function policyWithin(
  rows: readonly ScoredRow[],
  lambda: number,
  limits: Float64Array,
  solve: ShareSolver | undefined,
): PlanPolicy {
  const free: PlanPolicy = { lambda, handicaps: new Float64Array(limits.length) };
  if (solve === undefined || keepsShares(rows, free, limits)) return free;
  const stride = Math.max(1, Math.floor(rows.length / sampleSize));
  const sample = rows.filter((_, place) => place % stride === 0).slice(0, sampleSize);
  const values = sample.map(({ correct, costUsd }) =>
    correct.map((each, place) => each - lambda * (costUsd[place] ?? 0)),
  );
  return nudged(rows, { lambda, handicaps: solve({ values, limits }) }, limits);
}

export function keepsShares(
  rows: readonly ScoredRow[],
  policy: PlanPolicy,
  limits: Float64Array,
): boolean {
  if (limits.every((limit) => limit >= 1)) return true;
  return isWithin(sharesOf(rows, policy), limits);
}

const isWithin = (shares: Float64Array, limits: Float64Array): boolean =>
  shares.every((share, place) => share <= (limits[place] ?? 1) + tolerance);

/** The program splits a few rows and knows a sample alone: what is over its limit is held back a little more. */
function nudged(rows: readonly ScoredRow[], policy: PlanPolicy, limits: Float64Array): PlanPolicy {
  const handicaps = Float64Array.from(policy.handicaps);
  for (let nudge = 0; nudge < mostNudges; nudge += 1) {
    const shares = sharesOf(rows, { ...policy, handicaps });
    if (isWithin(shares, limits)) break;
    for (const [place, share] of shares.entries()) {
      if (share <= (limits[place] ?? 1) + tolerance) continue;
      handicaps[place] =
        (handicaps[place] ?? 0) + Math.max(1e-4, nextStep(rows, policy, handicaps));
    }
  }
  return { ...policy, handicaps };
}

/** Grows with what the choices are worth, so that any scale is crossed in a few nudges. */
function nextStep(
  rows: readonly ScoredRow[],
  { lambda }: PlanPolicy,
  handicaps: Float64Array,
): number {
  const [row] = rows;
  if (row === undefined) return 0;
  const choice = chooseFor(row, { lambda, handicaps });
  const value = (row.correct[choice] ?? 0) - lambda * (row.costUsd[choice] ?? 0);
  return Math.abs(value) / 500;
}
