// Spends tenants' budgets as a router does, at many attempts at a time, and writes down what was really
// spent before anybody is told: what a killed process has spent stays known.
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom, type Clock, type Random } from "../../../src/lib/index.ts";
import type { TenantEntry } from "../../../src/table/index.ts";
import { TenantLimits, type LimitStore } from "../../../src/tenancy/index.ts";

export interface SpendingPlan {
  tenants: readonly TenantEntry[];
  attempts: number;
  /** How many are open at a time. */
  atOnce: number;
  /** In nano-USD. */
  mostReserved: number;
  /** What an attempt of a careless tenant may use beyond its reservation at most. */
  mostExcess: number;
  leaseMs: number;
  seed: number;
}

/** One that may use more than it reserved; the others never do. */
export const isCareless = (tenant: string): boolean => tenant.startsWith("careless");

export interface Spent {
  tenant: string;
  nanoUsd: number;
}

export interface Tally {
  made: number;
  refused: number;
  uncounted: number;
}

/**
 * Attempts what the plan says. An attempt that cannot be counted is not made, as `FailClosed` has it.
 *
 * @param spend told of each attempt at the moment of its cost
 */
export async function spendAll(
  plan: SpendingPlan,
  { store, clock }: { store: LimitStore; clock: Clock },
  spend: (spent: Spent) => void,
): Promise<Tally> {
  const limits = new TenantLimits(repeating(store), clock);
  const random = seededRandom(plan.seed);
  const tally: Tally = { made: 0, refused: 0, uncounted: 0 };
  let left = plan.attempts;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const isMade = await attempt(plan, limits, random, { spend, tally });
      if (!isMade) left += 1;
    }
  };
  await Promise.all(Array.from({ length: plan.atOnce }, work));
  return tally;
}

/** Its place among the limits that may refuse. */
const concurrent = 2;

/** @returns false where it is to be made later */
async function attempt(
  plan: SpendingPlan,
  limits: TenantLimits,
  random: Random,
  { spend, tally }: { spend: (spent: Spent) => void; tally: Tally },
): Promise<boolean> {
  const tenant = plan.tenants[Math.floor(random() * plan.tenants.length)];
  if (tenant === undefined) throw new RangeError("There is no tenant");
  const nanoUsd = 1 + Math.floor(random() * plan.mostReserved);
  const reserved = await limits.reserve(
    { namespace: "chaos", tenant },
    { amounts: { nanoUsd, tokens: 0 }, cheapest: null, leaseMs: plan.leaseMs },
    true,
  );
  if (reserved?.verdict.kind !== "judged") {
    tally.uncounted += 1;
    reserved?.reservation?.settle({ nanoUsd: 0, tokens: 0 });
    // As a client that was told to try again.
    await sleep(50);
    return false;
  }
  if (reserved.reservation === null) {
    // Without a place among the open ones, another tenant's turn comes first.
    if (reserved.verdict.refusedBy === concurrent) {
      await sleep(10);
      return false;
    }
    tally.refused += 1;
    return true;
  }
  const used = usedBy(tenant.name, nanoUsd, plan, random);
  tally.made += 1;
  await sleep(random() * 40);
  spend({ tenant: tenant.name, nanoUsd: used });
  await sleep(random() * 40);
  reserved.reservation.settle({ nanoUsd: used, tokens: 0 });
  reserved.reservation.release();
  return true;
}

function usedBy(tenant: string, reserved: number, plan: SpendingPlan, random: Random): number {
  const isOver = isCareless(tenant) && random() < 0.2;
  return isOver
    ? reserved + Math.floor(random() * plan.mostExcess)
    : Math.floor(random() * reserved);
}

/** Settles everything up to three times, and later with other amounts. */
function repeating(store: LimitStore): LimitStore {
  let count = 0;
  return {
    now: () => store.now(),
    admit: (claim) => store.admit(claim),
    release: (tenant, attempt) => store.release(tenant, attempt),
    close: () => store.close(),
    settle: (settlement) => {
      count += 1;
      store.settle(settlement);
      if (count % 3 === 0) store.settle(settlement);
      if (count % 7 === 0) store.settle({ ...settlement, amounts: { nanoUsd: 0, tokens: 0 } });
    },
  };
}
