import { meanLowerBound, normalQuantile, weighedMean } from "../certify.ts";
import { tenantLowerBound, type PoolEvidence } from "../tenant-bound.ts";
import { coverageOf, differencesOf, guessesOf, type Differences } from "./differences.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import type { LabelledRow, ScoredRow } from "./scored-row.ts";

export interface CertifiedPlan {
  policy: PlanPolicy;
  /** Of the mean of chosen − floor · baseline's correctness: at least 0. */
  lowerBound: number;
}

export interface Certifying {
  labelled: readonly LabelledRow[];
  /** The scope's own requests, labelled or not. */
  traffic: readonly ScoredRow[];
  /** From the best whatever it costs towards cheap. Made without a look at labels. */
  ladder: Iterable<PlanPolicy>;
  floor: number;
  confidence: number;
  /** Set where the pool knows the route, and a tenant's few labels need not say all alone. */
  pool?: readonly LabelledRow[];
  betweenTenants: number;
}

/**
 * The cheapest policy of the ladder all of whose forerunners keep the floor by a lower bound. The order is
 * fixed and the scan ends at the first failure, so that the chance of a wrong certificate is that of one
 * test. Policies get no dearer along the ladder, so the last is the cheapest.
 */
export function certifyPlan(input: Certifying): CertifiedPlan | undefined {
  const bound = boundOf(input);
  let found: CertifiedPlan | undefined;
  for (const policy of input.ladder) {
    const lowerBound = bound(policy);
    if (lowerBound < 0) break;
    found = { policy, lowerBound };
  }
  return found;
}

function boundOf(input: Certifying): (policy: PlanPolicy) => number {
  const { labelled, traffic, floor, confidence, pool, betweenTenants } = input;
  const coverage = coverageOf(labelled);
  if (pool === undefined) {
    return (policy) => {
      const { real, weights } = differencesOf(labelled, policy, { floor, coverage });
      return meanLowerBound({ values: real, weights }, { confidence });
    };
  }
  const poolCoverage = coverageOf(pool);
  return (policy) => {
    const own = differencesOf(labelled, policy, { floor, coverage });
    const all = differencesOf(pool, policy, { floor, coverage: poolCoverage });
    const unlabelled = guessesOf(traffic, policy, floor);
    const evidence = poolEvidence(all, betweenTenants);
    return tenantLowerBound({ labelled: own, unlabelled }, evidence, confidence);
  };
}

function poolEvidence(
  { real, guessed, weights }: Differences,
  betweenTenants: number,
): PoolEvidence {
  const values = real.map((each, place) => each - (guessed[place] ?? 0));
  const { mean, spread } = weighedMean({ values, weights });
  return { error: mean, errorSpread: Math.sqrt(spread), betweenTenants };
}

/** How many labels like these would certify a policy; undefined where no number of them does. */
export function labelsNeeded(
  { labelled, floor, confidence }: Pick<Certifying, "labelled" | "floor" | "confidence">,
  policy: PlanPolicy,
): number | undefined {
  const { real, weights } = differencesOf(labelled, policy, {
    floor,
    coverage: coverageOf(labelled),
  });
  const { mean, spread, count } = weighedMean({ values: real, weights });
  if (count < 2 || mean <= 0) return undefined;
  const perLabel = labelled.length / count;
  const z = normalQuantile(confidence);
  for (let wanted = count; wanted < 1e6; wanted *= 1.1) {
    const variance = (spread * count) / wanted + 2 / (wanted * (wanted - 1));
    if (mean >= z * Math.sqrt(variance)) return Math.ceil(wanted * perLabel);
  }
  return undefined;
}
