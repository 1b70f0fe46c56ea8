import type { TenantEntry } from "../../table/index.ts";
import type { BudgetObservation } from "../../telemetry/index.ts";
import type { BudgetRow, SpendRow } from "../console-view.ts";
import type { Facts } from "../facts.ts";
import { noFigures, savingsOf } from "./rates.ts";

/** Tenants that have a budget or have spent, the one nearest to the end of a budget first. */
export function spendRows({ table, traffic, budgets }: Facts): SpendRow[] {
  const tenants = table?.entries.tenants ?? {};
  const names = new Set([...traffic.tenants.keys(), ...budgets.map(({ tenant }) => tenant)]);
  return [...names]
    .map((tenant): SpendRow => {
      const money = traffic.tenants.get(tenant) ?? noFigures;
      const entry = Object.hasOwn(tenants, tenant) ? tenants[tenant] : undefined;
      const own = budgets.filter((each) => each.tenant === tenant);
      return {
        tenant,
        requests: money.requests,
        ...savingsOf(money),
        budgets: own.map((each) => budgetRow(each, entry)),
      };
    })
    .toSorted(
      (left, right) =>
        highest(right) - highest(left) ||
        right.costUsd - left.costUsd ||
        left.tenant.localeCompare(right.tenant),
    );
}

const highest = ({ budgets }: SpendRow): number =>
  budgets.reduce((most, { share }) => Math.max(most, share), 0);

function budgetRow(
  { limit, used, most }: BudgetObservation,
  tenant: TenantEntry | undefined,
): BudgetRow {
  const unit = /_tokens(_\d+)?$/.test(limit) ? "tokens" : "USD";
  const share = most === 0 ? 1 : used / most;
  return { limit, unit, used, most, share, onExceeded: onExceeded(limit, most, tenant) };
}

/** The budget of the policy that the limit counts: by its window, its unit and how much it is. */
function onExceeded(
  limit: string,
  most: number,
  tenant: TenantEntry | undefined,
): BudgetRow["onExceeded"] {
  if (tenant === undefined || tenant.enforcement === "Observe") return "Observe";
  const found = tenant.budgets.find(({ window, microUsd, tokens }) => {
    const isSame = limit.startsWith(`budget_${window.toLowerCase()}_`);
    return isSame && (microUsd === undefined ? tokens === most : microUsd / 1e6 === most);
  });
  return found?.onExceeded ?? "Observe";
}
