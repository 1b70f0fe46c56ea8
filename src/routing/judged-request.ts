import type { RouteEntry } from "../table/index.ts";
import type { ChoiceInput } from "./choice-input.ts";
import { estimateByTier } from "./estimate-by-tier.ts";
import type { Estimator, Judgement } from "./estimator.ts";
import { planFor, type FollowedPlan, type PlanRefusal } from "./plan/followed-plan.ts";

/** What is known of a request before its candidates are looked at. */
export interface JudgedRequest {
  judgement: Judgement;
  /** Digest of the classifier that judged; null where the tier alone does. */
  classifier: string | null;
  plan: FollowedPlan | null;
  refusal: PlanRefusal | null;
}

export function judgeRequest(input: ChoiceInput): JudgedRequest {
  const { route, needs } = input;
  const estimator = estimatorFor(input);
  if (route.selection !== "CheapestWithinEnvelope" || route.pinned !== undefined) {
    return judged(estimator, estimator.judge(needs), null, null);
  }
  const found = planFor({
    route,
    entry: input.plan,
    draw: input.draws.rollout,
    classifier: input.estimator?.digest ?? null,
    now: input.now,
  });
  if (typeof found === "string") return judged(estimator, estimator.judge(needs), null, found);
  const judgement = estimator.judge(needs, found.plan.prior);
  // No certificate covers a request that its classifier would not judge.
  if (judgement.source === "tier") return judged(estimator, judgement, null, "unfamiliar");
  return judged(estimator, judgement, found, null);
}

function judged(
  { digest }: Estimator,
  judgement: Judgement,
  plan: FollowedPlan | null,
  refusal: PlanRefusal | null,
): JudgedRequest {
  const classifier = judgement.source === "classifier" ? digest : null;
  return { judgement, classifier, plan, refusal };
}

/** Where there is nothing to choose nor to compare, no classifier is asked: it costs more than all the rest. */
function estimatorFor({ route, estimator = estimateByTier }: ChoiceInput): Estimator {
  return isWorthJudging(route) ? estimator : estimateByTier;
}

function isWorthJudging({ selection, candidates, arms }: RouteEntry): boolean {
  if (arms !== undefined) return true;
  return selection === "CheapestWithinEnvelope" && candidates.length > 1;
}
