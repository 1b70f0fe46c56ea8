import { countOf, weightOf, type PlanRow } from "./plan-row.ts";
import type { BudgetEntry, TenantEntry } from "../../table/index.ts";

const hour = 3_600_000;
const windowMs: Readonly<Record<BudgetEntry["window"], number>> = {
  Hour: hour,
  Day: 24 * hour,
  Month: 30 * 24 * hour,
};

const fewestRequests = 50;

/** By how much a tenant's usual traffic goes beyond a budget. */
export interface Overspending {
  budget: BudgetEntry;
  unit: "USD" | "tokens";
  /** Within its window. */
  projected: number;
  allowed: number;
}

/**
 * What a tenant's requests come to within each window at the rate, the cost and the length of those at hand.
 *
 * @param rows of the tenant's traffic on all routes
 * @param costUsd what a request is expected to cost by the plans that were just made
 */
export function projectBudgets(
  { budgets }: TenantEntry,
  rows: readonly PlanRow[],
  costUsd: (row: PlanRow) => number,
  now: number,
): Overspending[] {
  if (countOf(rows) < fewestRequests) return [];
  const since = rows.reduce((least, { ts }) => Math.min(least, ts), now);
  // A burst of minutes says nothing of a month.
  const span = Math.max(now - since, hour);
  const sum = (amountOf: (row: PlanRow) => number): number =>
    rows.reduce((total, row) => total + weightOf(row) * amountOf(row), 0);
  const usual = { USD: sum(costUsd), tokens: sum(({ tokens }) => tokens ?? 0) };
  return budgets.flatMap((budget) => {
    const { microUsd, tokens = Infinity, window } = budget;
    if (window === "Month" && span < windowMs.Day) return [];
    const unit = microUsd === undefined ? "tokens" : "USD";
    const allowed = microUsd === undefined ? tokens : microUsd / 1e6;
    const projected = (usual[unit] / span) * windowMs[window];
    return projected > allowed ? [{ budget, unit, projected, allowed }] : [];
  });
}

/** As a sentence: what is missing, and what would help. */
export function overspendingText({ budget, unit, projected, allowed }: Overspending): string {
  const window = budget.window.toLowerCase();
  const more = projected - allowed;
  if (unit === "USD") {
    return `at its usual rate its requests come to ${projected.toPrecision(3)} USD a ${window}, ${more.toPrecision(3)} more than its budget of ${allowed}: no cheaper plan keeps the floor`;
  }
  return `at its usual rate its requests come to ${Math.round(projected)} tokens a ${window}, ${Math.round(more)} more than its budget of ${allowed}: no plan makes them fewer, raise it or have the tenant ask less`;
}
