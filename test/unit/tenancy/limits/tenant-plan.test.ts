import { expect, test } from "vitest";
import { planOf } from "../../../../src/tenancy/limits/tenant-plan.ts";
import type { BudgetEntry } from "../../../../src/table/index.ts";
import { tenantEntry } from "../../routing/sample-entries.ts";

const usd = (microUsd: number, changes: Partial<BudgetEntry> = {}): BudgetEntry => ({
  window: "Day",
  timeZone: "UTC",
  microUsd,
  onExceeded: "Reject",
  ...changes,
});

test("budgets of one window and unit have names of their own: metrics and records tell them apart", () => {
  const budgets = [
    usd(1_000, { onExceeded: "Downgrade" }),
    usd(2_000),
    usd(3_000, { window: "Month" }),
    usd(4_000, { timeZone: "Asia/Tokyo" }),
    { window: "Day" as const, timeZone: "UTC", tokens: 5, onExceeded: "Reject" as const },
  ];
  const names = planOf(tenantEntry({ budgets }))?.names.slice(3);
  expect(names).toEqual([
    "budget_day_usd",
    "budget_day_usd_2",
    "budget_month_usd",
    "budget_day_usd_3",
    "budget_day_tokens",
  ]);
});
