import type { RequestRecord } from "../records/index.ts";
import type { Labels, MetricRegistry } from "./registry.ts";

/** A tenant's budget in its current window, as metrics show it. */
export interface BudgetObservation {
  tenant: string;
  /** Such as `budget_day_usd`. */
  limit: string;
  /** Spent and reserved, and the most that may be, in USD or tokens. */
  used: number;
  most: number;
}

/** How things stand with limits whenever metrics are collected. */
export interface LimitsReading {
  budgets: readonly BudgetObservation[];
  /** Reservations of this router that are not settled. */
  reservations: number;
  /** Null where the router counts in its own memory. */
  store: { isAway: boolean; unsettled: number } | null;
}

/**
 * Has the gauges of limits read whenever metrics are collected.
 *
 * @param maxTenants of so many tenants budgets are shown: of those who have spent most of one. Whoever came first
 *   may have left long ago, and whoever is about to be refused must be seen
 */
export function watchLimits(
  registry: MetricRegistry,
  maxTenants: number,
  read: () => LimitsReading,
): void {
  const budgets = () => mostSpent(read().budgets, maxTenants);
  const labelsOf = ({ tenant, limit }: BudgetObservation): Labels => ({
    "switchyard.tenant": tenant,
    "switchyard.limit": limit,
  });
  registry.readEach("switchyard.limits.used", () =>
    budgets().map((each) => ({ value: each.used, labels: labelsOf(each) })),
  );
  registry.readEach("switchyard.limits.budget", () =>
    budgets().map((each) => ({ value: each.most, labels: labelsOf(each) })),
  );
  registry.read("switchyard.limits.reservations", () => ({
    value: read().reservations,
    labels: {},
  }));
  const ofStore = (value: (store: NonNullable<LimitsReading["store"]>) => number) => () => {
    const { store } = read();
    return store === null ? undefined : { value: value(store), labels: {} };
  };
  registry.read(
    "switchyard.limits.store.away",
    ofStore(({ isAway }) => Number(isAway)),
  );
  registry.read(
    "switchyard.limits.store.unsettled",
    ofStore(({ unsettled }) => unsettled),
  );
}

function mostSpent(
  budgets: readonly BudgetObservation[],
  maxTenants: number,
): readonly BudgetObservation[] {
  const shares = new Map<string, number>();
  for (const { tenant, used, most } of budgets) {
    const share = most === 0 ? Infinity : used / most;
    shares.set(tenant, Math.max(share, shares.get(tenant) ?? 0));
  }
  if (shares.size <= maxTenants) return budgets;
  const byShare = [...shares].toSorted(([, left], [, right]) => right - left);
  const shown = new Set(byShare.slice(0, maxTenants).map(([tenant]) => tenant));
  return budgets.filter(({ tenant }) => shown.has(tenant));
}

/** Counts what limits did with a request. */
export function countLimits(
  registry: MetricRegistry,
  { action, exceeded }: NonNullable<RequestRecord["limits"]>,
  tenant: string | null,
): void {
  const of = tenant === null ? {} : { "switchyard.tenant": tenant };
  registry
    .number("switchyard.limits.decisions", { "switchyard.limits.action": action, ...of })
    .add(1);
  for (const limit of exceeded) {
    const labels = { "switchyard.limit": limit, "switchyard.limits.action": action, ...of };
    registry.number("switchyard.limits.exceeded", labels).add(1);
  }
}

export function countStoreCall(
  registry: MetricRegistry,
  operation: string,
  seconds: number,
  failed: boolean,
): void {
  const labels = { "switchyard.store.operation": operation };
  registry.histogram("switchyard.limits.store.duration", labels).record(seconds);
  if (failed) registry.number("switchyard.limits.store.failures", labels).add(1);
}

export function countLoss(registry: MetricRegistry, reason: string): void {
  registry.number("switchyard.limits.store.lost", { "switchyard.loss.reason": reason }).add(1);
}
