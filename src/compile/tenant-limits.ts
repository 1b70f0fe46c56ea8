import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { BudgetEntry, TenantEntry } from "../table/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { scaledUsd } from "./money.ts";
import { onceEach } from "./once-each.ts";

/** What bounds how much and how fast a tenant may call, and how strictly. */
export type TenantLimits = Pick<
  TenantEntry,
  "budgets" | "rateLimits" | "enforcement" | "storeFailure"
>;

export function limitsOf(spec: TenantPolicySpec): TenantLimits {
  return {
    budgets: spec.budgets?.map(budgetEntry) ?? [],
    rateLimits: spec.rateLimits ?? {},
    enforcement: spec.enforcement,
    storeFailure: spec.storeFailure,
  };
}

/** Of a tenant whose callers are refused anyway. */
export const noLimits: TenantLimits = {
  budgets: [],
  rateLimits: {},
  enforcement: "Enforce",
  storeFailure: "FailClosed",
};

type BudgetSpec = NonNullable<TenantPolicySpec["budgets"]>[number];

function budgetEntry({ window, timeZone, usd, tokens, onExceeded }: BudgetSpec): BudgetEntry {
  return {
    window,
    timeZone,
    ...(usd === undefined ? {} : { microUsd: scaledUsd(usd, 6) }),
    ...(tokens === undefined ? {} : { tokens }),
    onExceeded,
  };
}

/** The limits that cannot be counted as they are written: the policy must not be served without them. */
export const refuseLimits = onceEach(({ ref, spec }: Draft<TenantPolicySpec>): Finding[] =>
  (spec?.budgets ?? []).flatMap(({ timeZone }, index) => {
    if (isTimeZone(timeZone)) return [];
    const message = `${timeZone} is no time zone of the IANA database: write one such as Europe/Zurich or UTC.`;
    return [judge("Invalid", ref, message, `spec.budgets[${index}].timeZone`)];
  }),
);

/** By the runtime's database, which the API server has no way to ask. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
