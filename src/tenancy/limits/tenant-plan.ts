import type { BudgetEntry, TenantEntry } from "../../table/index.ts";
import type { Bound, BudgetMode, Unit } from "./limit-store.ts";

/** A budget as it is counted. */
export interface PlannedBudget {
  /** The same for all budgets that count the same. */
  id: string;
  /** What records and metrics call it, such as `budget_day_usd`; unique in its plan. */
  name: string;
  entry: BudgetEntry;
  unit: Unit;
  limit: number;
  mode: BudgetMode;
}

/** What bounds a tenant, as it is asked of a store. */
export interface TenantPlan {
  requests: Bound | null;
  tokens: Bound | null;
  concurrent: Bound | null;
  budgets: readonly PlannedBudget[];
  /** Whether a budget may ask for the cheapest candidate. */
  downgrades: boolean;
  /** The names of all limits, in the order in which a store numbers them. */
  names: readonly string[];
}

const plans = new WeakMap<TenantEntry, TenantPlan | null>();

/** The tenant's limits; null where it has none. Made once for each entry of a table. */
export function planOf(tenant: TenantEntry): TenantPlan | null {
  const known = plans.get(tenant);
  if (known !== undefined) return known;
  const made = makePlan(tenant);
  plans.set(tenant, made);
  return made;
}

/** Names of the limits that are no budgets, in the stores' order. */
export const rateNames = ["requests_per_minute", "tokens_per_minute", "concurrent"] as const;

function makePlan({ budgets, rateLimits, enforcement }: TenantEntry): TenantPlan | null {
  const observed = enforcement === "Observe";
  const bound = (max: number | undefined) => (max === undefined ? null : { max, observed });
  const planned = apart(budgets.map((entry) => plannedBudget(entry, observed)));
  const plan = {
    requests: bound(rateLimits.requestsPerMinute),
    tokens: bound(rateLimits.tokensPerMinute),
    concurrent: bound(rateLimits.concurrent),
    budgets: planned,
    downgrades: planned.some(({ mode }) => mode === "Downgrade"),
    names: [...rateNames, ...planned.map(({ name }) => name)],
  };
  const rates = [plan.requests, plan.tokens, plan.concurrent];
  return planned.length === 0 && rates.every((rate) => rate === null) ? null : plan;
}

/** Where one budget refuses, and a smaller one of its window and unit downgrades, the second has a number. */
function apart(planned: readonly PlannedBudget[]): PlannedBudget[] {
  return planned.map((budget, index) => {
    const { name } = budget;
    const before = planned.slice(0, index).filter((each) => each.name === name).length;
    return before === 0 ? budget : { ...budget, name: `${name}_${before + 1}` };
  });
}

const nanoUsdPerMicro = 1_000;

function plannedBudget(entry: BudgetEntry, observed: boolean): PlannedBudget {
  const { window, timeZone, microUsd, tokens, onExceeded } = entry;
  const unit = microUsd === undefined ? "tokens" : "nanoUsd";
  return {
    id: `${window}|${timeZone}|${unit}`,
    name: `budget_${window.toLowerCase()}_${unit === "tokens" ? "tokens" : "usd"}`,
    entry,
    unit,
    limit: microUsd === undefined ? (tokens ?? 0) : microUsd * nanoUsdPerMicro,
    mode: observed ? "Observe" : onExceeded,
  };
}
