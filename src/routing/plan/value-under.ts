import type { Plan } from "../../table/index.ts";
import type { Candidate } from "../candidate.ts";

/**
 * What a plan thinks of a candidate; nulls where there is no plan, or it may not choose it.
 *
 * @param p the estimated probability of a correct answer
 */
export function valueUnder(
  plan: Plan | undefined,
  backend: string,
  { p, expectedUsd }: { p: number; expectedUsd: number },
): Pick<Candidate, "handicap" | "value"> {
  const allowed = plan?.candidates.find((each) => each.backend === backend);
  if (plan === undefined || allowed === undefined) return { handicap: null, value: null };
  const { handicap } = allowed;
  return { handicap, value: p - plan.lambda * expectedUsd - handicap };
}
