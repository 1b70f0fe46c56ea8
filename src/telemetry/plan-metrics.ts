import type { Labels, MetricRegistry } from "./registry.ts";

interface Interval {
  estimate: number;
  lower: number;
  upper: number;
}

/** A plan of the table in use, as metrics show it. */
export interface PlanReading {
  route: string;
  /** Null: the route's pooled plan. */
  tenant: string | null;
  /** Null where nothing has been measured. */
  kept: Interval | null;
  saved: Interval | null;
  rollouts: readonly {
    rollout: "current" | "next";
    /** Of the requests, from 0 to 1. */
    share: number;
    /** Null where nothing vouches for it. */
    expiresInSeconds: number | null;
  }[];
}

interface Value {
  value: number;
  labels: Labels;
}

/**
 * Has the plans' gauges read whenever metrics are collected.
 *
 * @param knows whether metrics tell the tenant apart from others
 */
export function watchPlans(
  registry: MetricRegistry,
  knows: (tenant: string) => boolean,
  read: () => readonly PlanReading[],
): void {
  const known = () => read().filter(({ tenant }) => tenant === null || knows(tenant));
  const each = (values: (plan: PlanReading) => Value[]) => () => known().flatMap(values);
  registry.readEach(
    "switchyard.plan.quality_kept",
    each((plan) => bounds(plan, plan.kept)),
  );
  registry.readEach(
    "switchyard.plan.cost_saved",
    each((plan) => bounds(plan, plan.saved)),
  );
  registry.readEach(
    "switchyard.plan.certificate_expiry",
    each((plan) =>
      plan.rollouts.flatMap(({ rollout, expiresInSeconds: value }) =>
        value === null ? [] : [{ value, labels: rolloutLabels(plan, rollout) }],
      ),
    ),
  );
  registry.readEach(
    "switchyard.plan.share",
    each((plan) =>
      plan.rollouts.map(({ rollout, share: value }) => ({
        value,
        labels: rolloutLabels(plan, rollout),
      })),
    ),
  );
}

function bounds(plan: PlanReading, interval: Interval | null): Value[] {
  if (interval === null) return [];
  return Object.entries(interval).map(([bound, value]: [string, number]) => ({
    value,
    labels: { ...placeOf(plan), "switchyard.bound": bound },
  }));
}

function rolloutLabels(plan: PlanReading, rollout: string): Labels {
  return { ...placeOf(plan), "switchyard.plan.rollout": rollout };
}

function placeOf({ route, tenant }: PlanReading): Labels {
  return { "switchyard.route": route, ...(tenant === null ? {} : { "switchyard.tenant": tenant }) };
}
