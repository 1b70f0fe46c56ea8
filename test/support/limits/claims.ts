// Admissions and settlements for tests, with everything that a test does not speak of left open.
import { randomUUID } from "node:crypto";
import type {
  Claim,
  BudgetCheck,
  Counted,
  LimitStore,
  Settlement,
} from "../../../src/tenancy/index.ts";

const hourMs = 3_600_000;

/** A budget of nano-USD in a window around the present. */
export function budget(limit: number, changes: Partial<BudgetCheck> = {}): BudgetCheck {
  const startsAt = Math.floor(Date.now() / hourMs) * hourMs - hourMs;
  return {
    id: "Day|UTC|nanoUsd",
    unit: "nanoUsd",
    startsAt,
    endsAt: startsAt + 24 * hourMs,
    mode: "Reject",
    limit,
    ...changes,
  };
}

export function claim(tenant: string, changes: Partial<Claim> = {}): Claim {
  return {
    tenant,
    attempt: randomUUID(),
    amounts: { nanoUsd: 0, tokens: 0 },
    cheapest: null,
    budgets: [],
    requests: null,
    tokens: null,
    concurrent: null,
    leaseMs: 60_000,
    ...changes,
  };
}

export function settlementOf(
  { tenant, attempt, budgets, tokens }: Claim,
  amounts: Partial<Settlement["amounts"]>,
): Settlement {
  return {
    tenant,
    attempt,
    amounts: { nanoUsd: 0, tokens: 0, ...amounts },
    windows: budgets,
    tokensPerMinute: tokens?.max ?? null,
  };
}

/** Admits, where the store has to have an answer. */
export async function counted(store: LimitStore, asked: Claim): Promise<Counted> {
  const reply = await store.admit(asked);
  if (reply.kind !== "counted") throw new Error(`The store answered ${reply.kind}`);
  return reply;
}

/** What is spent and reserved in the windows of these budgets. */
export async function usedIn(
  store: LimitStore,
  tenant: string,
  budgets: readonly BudgetCheck[],
): Promise<readonly number[]> {
  const look = claim(tenant, {
    budgets: budgets.map((each) => ({ ...each, mode: "Observe" })),
  });
  const { used } = await counted(store, look);
  store.settle(settlementOf(look, {}));
  return used;
}
