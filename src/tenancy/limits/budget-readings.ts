import type { Clock } from "../../lib/index.ts";
import type { BudgetObservation } from "../../telemetry/index.ts";
import type { WindowOfBudget } from "./limit-store.ts";
import type { TenantPlan } from "./tenant-plan.ts";

const nanoUsdPerUsd = 1e9;

interface Seen extends BudgetObservation {
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

  /** Forgets the tenants that are not there any more. */
  retain(tenants: Readonly<Record<string, unknown>>): void {
    for (const tenant of this.#seen.keys()) {
      if (!Object.hasOwn(tenants, tenant)) this.#seen.delete(tenant);
    }
  }

  /** Leaves out what belongs to a window that is over. */
  current(): BudgetObservation[] {
    const now = this.#clock.now();
    return [...this.#seen.values()].flat().filter(({ endsAt }) => endsAt > now);
  }
}
