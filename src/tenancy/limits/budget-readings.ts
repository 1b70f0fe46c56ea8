import type { Clock } from "../../lib/index.ts";
import type { WindowOfBudget } from "./limit-store.ts";
import type { TenantPlan } from "./tenant-plan.ts";

/** A budget in its current window, as metrics show it. */
export interface BudgetReading {
  tenant: string;
  /** Such as `budget_day_usd`. */
  limit: string;
  /** Spent and reserved, and the most that may be, in USD or tokens. */
  used: number;
  most: number;
}

const nanoUsdPerUsd = 1e9;

interface Seen extends BudgetReading {
  endsAt: number;
}

/** Remembers what a store last said of budgets. What another router has spent since is seen with the next request. */
export class BudgetReadings {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(
    tenant: string,
    { budgets }: TenantPlan,
    windows: readonly WindowOfBudget[],
    used: readonly number[],
  ): void {
    if (budgets.length === 0) return;
    const seen = budgets.map(({ name, unit, limit }, index): Seen => {
      const scale = unit === "nanoUsd" ? nanoUsdPerUsd : 1;
      return {
        tenant,
        limit: name,
        used: (used[index] ?? 0) / scale,
        most: limit / scale,
        endsAt: windows[index]?.endsAt ?? 0,
      };
    });
    this.#seen.set(tenant, seen);
  }

  /** Leaves out what belongs to a window that is over. */
  current(): BudgetReading[] {
    const now = this.#clock.now();
    return [...this.#seen.values()].flat().filter(({ endsAt }) => endsAt > now);
  }
}
