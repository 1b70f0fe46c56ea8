import type { Interval, Plan, PlanEntry, RouteEntry } from "../../table/index.ts";

/** Why a request does not follow a plan. */
export type PlanRefusal =
  | "no_plan"
  | "uncertified"
  | "expired"
  | "model_changed"
  | "baseline_changed"
  | "floor_raised"
  | "unfamiliar"
  | "plan_barred";

/** The plan that a request follows, and how it came to it. */
export interface FollowedPlan {
  plan: Plan;
  /** Whether it is the tenant's own, not the route's pooled one. */
  own: boolean;
  rollout: "current" | "next";
  /** As last measured of the traffic; null where that is not known. */
  kept: Interval | null;
  saved: Interval | null;
}

export interface PlanSetting {
  route: RouteEntry;
  /** The tenant's own entry, else the route's pooled one; absent: there is neither. */
  entry: PlanEntry | undefined;
  /** In [0, 1): whether the request is among those that try a newer plan. */
  draw: number;
  /** Digest of the classifier that judges; null where there is none. */
  classifier: string | null;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The plan that holds for a request, as far as can be said before the request is read; else why none does. */
export function planFor(setting: PlanSetting): FollowedPlan | PlanRefusal {
  const { entry, draw } = setting;
  if (entry === undefined) return "no_plan";
  const { current, next } = entry;
  if (next !== undefined && draw * 100 < next.sharePercent) {
    if (defectOf(next.plan, setting) === undefined) return followed(next.plan, "next", entry);
  }
  if (current === null) return "no_plan";
  return defectOf(current, setting) ?? followed(current, "current", entry);
}

function followed(
  plan: Plan,
  rollout: FollowedPlan["rollout"],
  { tenant, measured }: PlanEntry,
): FollowedPlan {
  const { kept = null, saved = null } = measured ?? {};
  return { plan, own: tenant !== null, rollout, kept, saved };
}

function defectOf(plan: Plan, { route, classifier, now }: PlanSetting): PlanRefusal | undefined {
  const { certificate, model } = plan;
  if (model !== classifier) return "model_changed";
  if (certificate === null) {
    return route.quality.assurance === "Certified" ? "uncertified" : undefined;
  }
  if (certificate.expiresAt <= now) return "expired";
  if (certificate.baseline !== route.baseline) return "baseline_changed";
  return certificate.floorPercent < route.quality.floorPercent ? "floor_raised" : undefined;
}
