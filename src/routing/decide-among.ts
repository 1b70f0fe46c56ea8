import type { Candidate } from "./candidate.ts";
import { pickBaseline, pickCheapest, type Field, type Picked } from "./pick.ts";
import type { FollowedPlan, PlanRefusal } from "./plan/followed-plan.ts";
import { pickPlanned } from "./plan/pick-planned.ts";

export interface DecisionField extends Field {
  /** Inside the hard limits, whether or not they may be called now. */
  permitted: readonly Candidate[];
  /** The plan that the request follows, or why it follows none. */
  followed: FollowedPlan | PlanRefusal;
}

export interface Decided extends Picked {
  /** Null where none chose. */
  plan: FollowedPlan | null;
  refusal: PlanRefusal | null;
}

/** How CheapestWithinEnvelope chooses: of a live request, and of a recorded one that is replayed. */
export function decideAmong(field: DecisionField): Decided {
  const { route, permitted, present, followed } = field;
  const plan = typeof followed === "string" ? null : followed;
  const planned =
    plan !== null && mayFollow(plan, field)
      ? pickPlanned({ permitted, present, baseline: route.baseline })
      : undefined;
  if (planned !== undefined) return { ...planned, plan, refusal: null };
  const refusal = typeof followed === "string" ? followed : "plan_barred";
  const unplanned =
    route.quality.assurance === "Certified" ? pickBaseline(field, refusal) : pickCheapest(field);
  return { ...unplanned, plan: null, refusal };
}

/** A pooled certificate says nothing of those who may not use the baseline that it compares with. */
function mayFollow({ own }: FollowedPlan, { route, permitted }: DecisionField): boolean {
  if (own || route.quality.assurance !== "Certified") return true;
  return permitted.some(({ backend }) => backend.name === route.baseline);
}
