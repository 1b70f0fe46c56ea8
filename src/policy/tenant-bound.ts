import { normalQuantile, weighedMean } from "./certify.ts";

/** A tenant's traffic at one rung of the ladder, as paired differences chosen − floor · strongest. */
export interface TenantEvidence {
  /** Of labelled prompts: the difference, and the classifier's guess of it. */
  labelled: {
    real: Float64Array;
    guessed: Float64Array;
    /** How many prompts each stands for; absent: all the same. */
    weights?: Float64Array;
  };
  /** Of prompts that nobody has labelled: the guess alone. */
  unlabelled: Float64Array;
}

export interface PoolEvidence {
  /** Mean of real − guessed over all tenants' labels. */
  error: number;
  /** Its standard error. */
  errorSpread: number;
  /** Standard deviation of the tenants' own means around it. */
  betweenTenants: number;
}

/**
 * One-sided lower bound on the mean difference of a tenant's traffic. The classifier guesses it on all
 * prompts; labels say by how much the guesses are off; and how far they are off is taken to differ
 * between tenants by so much and no more, so that a few labels need not say it alone. Sound only for
 * tenants whose routes the pool knows.
 */
export function tenantLowerBound(
  { labelled, unlabelled }: TenantEvidence,
  pool: PoolEvidence,
  confidence: number,
): number {
  const errors = labelled.real.map((real, place) => real - (labelled.guessed[place] ?? 0));
  const { weights } = labelled;
  const own = weighedMean({ values: errors, ...(weights === undefined ? {} : { weights }) });
  const prior = pool.betweenTenants ** 2 + pool.errorSpread ** 2;
  // As in a certificate: two labels more that disagree, so that agreement by chance proves nothing.
  const noise = own.spread + 2 / Math.max(1, own.count) ** 2;
  const weight = own.count === 0 ? 0 : prior / (prior + noise);
  const error = weight * own.mean + (1 - weight) * pool.error;
  const guess = momentsOf(unlabelled);
  const variance = guess.variance / Math.max(1, guess.count) + (1 - weight) * prior;
  return guess.mean + error - normalQuantile(confidence) * Math.sqrt(variance);
}

export interface Moments {
  mean: number;
  variance: number;
  count: number;
}

export function momentsOf(numbers: Float64Array): Moments {
  const count = numbers.length;
  if (count === 0) return { mean: 0, variance: 0, count };
  const mean = numbers.reduce((sum, each) => sum + each, 0) / count;
  const variance = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / count;
  return { mean, variance, count };
}
