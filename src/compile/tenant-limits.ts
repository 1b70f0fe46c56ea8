import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { BudgetEntry, TenantEntry } from "../table/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { scaledUsd } from "./money.ts";
import { onceEach } from "./once-each.ts";
import type { ClassSettings } from "./settings.ts";

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

/**
 * A budget that several routers enforce, each by its own count, would let a multiple of it be spent. Of rates
 * the same is said in the docs: a multiple of those costs no money.
 */
export function requireSharedStore(
  { ref, spec }: Draft<TenantPolicySpec>,
  { replicas, limits }: ClassSettings,
): Finding[] {
  const routers = replicas?.max ?? 1;
  if (routers < 2 || limits?.store === "Redis" || spec?.enforcement !== "Enforce") return [];
  return (spec.budgets ?? []).flatMap(({ onExceeded }, index) => {
    if (onExceeded === "Observe") return [];
    const message = `A budget of tenant ${ref.name} is to be enforced, and its namespace has a router class with up to ${routers} routers, which have no store in common to count it in: give the class limits.store Redis or a single router, or let the budget only Observe.`;
    return [judge("SharedStoreRequired", ref, message, `spec.budgets[${index}]`)];
  });
}

/** By the runtime's database, which the API server has no way to ask. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
