import type { RequestRecord } from "../records/index.ts";
import type { Labels, MetricRegistry } from "./registry.ts";

/** An answer that was compared. */
export interface ScoredAnswer {
  route: string;
  tenant: string | null;
  /** `candidate`: neither was it served, nor is it the baseline's. */
  roles: readonly ("served" | "baseline" | "candidate")[];
  /** From 0 to 1. */
  score: number;
}

export function countShadow(registry: MetricRegistry, route: string, outcome: string): void {
  const labels = { "switchyard.shadow.outcome": outcome, "switchyard.route": route };
  registry.number("switchyard.shadows", labels).add(1);
}

export function countComparison(registry: MetricRegistry, route: string, outcome: string): void {
  const labels = { "switchyard.comparison.outcome": outcome, "switchyard.route": route };
  registry.number("switchyard.comparisons", labels).add(1);
}

/** @param tenant as metrics tell tenants apart */
export function countScore(
  registry: MetricRegistry,
  { route, roles, score }: Omit<ScoredAnswer, "tenant">,
  tenant: string | null,
): void {
  for (const role of roles) {
    const labels: Labels = { "switchyard.answer.role": role, "switchyard.route": route };
    if (tenant !== null) labels["switchyard.tenant"] = tenant;
    registry.number("switchyard.quality.answers", labels).add(1);
    registry.number("switchyard.quality.score", labels).add(score);
  }
}

/**
 * Adds a call that served nobody: what it cost is money, and no saving. It is the route's, no tenant's, and
 * counts in nothing that tells how users are served.
 */
export function countMeasured(
  registry: MetricRegistry,
  { ledger, route, arm }: RequestRecord,
): void {
  const place: Labels = route === null ? {} : { "switchyard.route": route };
  const ofArm: Labels = arm === null ? {} : { "switchyard.arm": arm };
  for (const { backend, cost_usd: cost } of ledger) {
    const labels = { "switchyard.backend": backend ?? "none", ...place, ...ofArm };
    registry.number("switchyard.cost_usd", labels).add(cost);
    registry.number("switchyard.saved_usd", { ...place, ...ofArm }).add(-cost);
  }
}
