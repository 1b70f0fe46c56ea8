import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { scaledUsd } from "./money.ts";
import { onceEach } from "./once-each.ts";

type Budget = NonNullable<TenantPolicySpec["budgets"]>[number];
type Window = Budget["window"] | "Minute";

/** Something that stops a tenant's use within a window. */
interface Stop {
  /** As documents name it. */
  path: string;
  window: Window;
  timeZone: string;
  unit: "usd" | "tokens";
  /** Micro-USD, or tokens. */
  amount: number;
}

const hours: Readonly<Record<Budget["window"], number>> = { Hour: 1, Day: 24, Month: 31 * 24 };

/**
 * Budgets that never bind: by the time that one is used up, another limit of the policy has stopped the
 * tenant. Only what refuses stops it; a budget that downgrades or observes lets it go on.
 */
export const budgetsOutOfReach = onceEach(({ ref, spec }: Draft<TenantPolicySpec>): Finding[] => {
  const budgets = spec?.budgets ?? [];
  const stops = stopsOf(spec);
  return budgets.flatMap((budget, index) => {
    const own = stopOf(budget, index);
    const tighter = stops.find((stop) => bindsBefore(stop, own));
    if (tighter === undefined) return [];
    const message = `This budget of tenant ${ref.name} is never used up: by ${tighter.path} the tenant may use at most ${amountText(own.unit, mostWithin(tighter, own))} ${during[budget.window]}, and it has ${amountText(own.unit, own.amount)}. Remove it, or make it smaller than that.`;
    return [judge("LimitOutOfReach", ref, message, `${own.path}.${own.unit}`)];
  });
});

const during: Readonly<Record<Budget["window"], string>> = {
  Hour: "in an hour",
  Day: "in a day",
  Month: "in a month",
};

function stopsOf(spec: TenantPolicySpec | undefined): Stop[] {
  const refusing = (spec?.budgets ?? []).flatMap((budget, index) =>
    budget.onExceeded === "Reject" ? [stopOf(budget, index)] : [],
  );
  const amount = spec?.rateLimits?.tokensPerMinute;
  if (amount === undefined) return refusing;
  const path = "spec.rateLimits.tokensPerMinute";
  return [...refusing, { path, window: "Minute", timeZone: "UTC", unit: "tokens", amount }];
}

function stopOf({ window, timeZone, usd, tokens }: Budget, index: number): Stop {
  const path = `spec.budgets[${index}]`;
  if (usd !== undefined) {
    return { path, window, timeZone, unit: "usd", amount: scaledUsd(usd, 6) };
  }
  return { path, window, timeZone, unit: "tokens", amount: tokens ?? 0 };
}

/** Of two that are alike the one that is written first is held for the one that is meant. */
function bindsBefore(stop: Stop, budget: Stop): boolean {
  if (stop.unit !== budget.unit || stop.path === budget.path) return false;
  const most = mostWithin(stop, budget);
  const isTwin =
    stop.window === budget.window && stop.timeZone === budget.timeZone && most === budget.amount;
  return isTwin ? stop.path < budget.path : most <= budget.amount;
}

/** How many windows of a kind begin and end within so many hours; 0 where not even one does. */
const countWithin: Readonly<Record<Window, (hours: number) => number>> = {
  // A minute's worth may be taken at once, before the rate begins to bind.
  Minute: (span) => span * 60 + 1,
  Hour: (span) => span,
  Day: (span) => Math.floor(span / hours.Day),
  Month: (span) => Math.floor(span / hours.Month),
};

/** The most that `stop` lets through in one window of `budget`; without end where it is the longer one. */
function mostWithin(stop: Stop, budget: Stop): number {
  const windows = countWithin[stop.window](longestHours(budget));
  // A window of one zone may lie across two of another.
  const aside = stop.window === "Minute" || stop.timeZone === budget.timeZone ? 0 : 1;
  return windows === 0 ? Infinity : stop.amount * (windows + aside);
}

/** Where clocks are moved, once a year a day has an hour more. */
function longestHours({ window, timeZone }: Stop): number {
  if (window === "Minute" || window === "Hour") return 1;
  return timeZone === "UTC" ? hours[window] : hours[window] + 1;
}

function amountText(unit: Stop["unit"], amount: number): string {
  if (unit === "tokens") return `${amount} tokens`;
  return `${amount / 1e6} USD`;
}
