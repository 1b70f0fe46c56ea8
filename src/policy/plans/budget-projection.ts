import type { EvidenceRow } from "../../records/index.ts";
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
  projectedUsd: number;
  budgetUsd: number;
}

/**
 * What a tenant's requests come to within each window at the rate and the cost of those at hand.
 *
 * @param rows of the tenant's traffic on all routes
 * @param costUsd what a request is expected to cost by the plans that were just made
 */
export function projectBudgets(
  { budgets }: TenantEntry,
  rows: readonly EvidenceRow[],
  costUsd: (row: EvidenceRow) => number,
  now: number,
): Overspending[] {
  if (rows.length < fewestRequests) return [];
  const since = rows.reduce((first, { ts }) => Math.min(first, ts), now);
  // A burst of minutes says nothing of a month.
  const span = Math.max(now - since, hour);
  const spent = rows.reduce((sum, row) => sum + costUsd(row), 0);
  return budgets.flatMap((budget) => {
    const { microUsd, window } = budget;
    if (microUsd === undefined || (window === "Month" && span < windowMs.Day)) return [];
    const projectedUsd = (spent / span) * windowMs[window];
    const budgetUsd = microUsd / 1e6;
    return projectedUsd > budgetUsd ? [{ budget, projectedUsd, budgetUsd }] : [];
  });
}
