import type { Clock } from "../../lib/index.ts";
import { judgeClaim, type Judged } from "./judge-claim.ts";
import { levelAt, notAhead, pour } from "./leaky-bucket.ts";
import {
  distinctWindows,
  type Claim,
  type ClaimReply,
  type LimitStore,
  type Settlement,
} from "./limit-store.ts";
import { TenantCounters } from "./tenant-counters.ts";

/** Counts in the router's own memory: for one router, and until it stops. */
export class MemoryLimitStore implements LimitStore {
  readonly #clock: Clock;
  readonly #tenants = new Map<string, TenantCounters>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  admit(claim: Claim): ClaimReply {
    const now = this.now();
    const { budgets, requests, tokens, concurrent } = claim;
    if (budgets.some(({ startsAt, endsAt }) => now < startsAt || now >= endsAt)) {
      return { kind: "moved" };
    }
    const counters = this.#of(claim.tenant);
    counters.sweep(now);
    counters.requests = notAhead(counters.requests, now);
    counters.tokens = notAhead(counters.tokens, now);
    const judged = judgeClaim(claim, {
      now,
      requests: counters.requests,
      tokens: counters.tokens,
      open: counters.open.size,
      used: budgets.map((budget) => counters.used(budget)),
    });
    if (judged.refusedBy === null) hold(counters, claim, judged, now);
    return {
      kind: "counted",
      now,
      refusedBy: judged.refusedBy,
      downgraded: judged.downgraded,
      exceeded: judged.exceeded,
      requestsLevel: requests === null ? 0 : levelAt(counters.requests, requests.max, now),
      tokensLevel: tokens === null ? 0 : levelAt(counters.tokens, tokens.max, now),
      open: concurrent === null ? 0 : counters.open.size,
      used: budgets.map((budget) => counters.used(budget)),
    };
  }

  settle({ tenant, attempt, amounts, windows, tokensPerMinute }: Settlement): void {
    const now = this.now();
    const counters = this.#of(tenant);
    if (counters.isSettled(attempt)) return;
    const reservation = counters.take(attempt);
    if (reservation === undefined) counters.spend(distinctWindows(windows), amounts, now);
    else {
      counters.replace(reservation, amounts);
      if (reservation.holdsTokens && tokensPerMinute !== null) {
        const difference = amounts.tokens - reservation.amounts.tokens;
        counters.tokens = pour(counters.tokens, difference, tokensPerMinute, now);
      }
    }
    counters.noteSettled(attempt, now);
  }

  release(tenant: string, attempt: string): void {
    this.#tenants.get(tenant)?.open.delete(attempt);
  }

  async close(): Promise<void> {
    this.#tenants.clear();
  }

  #of(tenant: string): TenantCounters {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    const made = new TenantCounters();
    this.#tenants.set(tenant, made);
    return made;
  }
}

/** Takes what a claim asks for. A minute is not charged with what it had no room for and let pass. */
function hold(
  counters: TenantCounters,
  { attempt, budgets, requests, tokens, concurrent, leaseMs }: Claim,
  { amounts, exceeded }: Judged,
  now: number,
): void {
  const until = now + leaseMs;
  const windows = distinctWindows(budgets);
  const holdsTokens = tokens !== null && !exceeded.includes(1);
  if (requests !== null && !exceeded.includes(0)) {
    counters.requests = pour(counters.requests, 1, requests.max, now);
  }
  if (holdsTokens) counters.tokens = pour(counters.tokens, amounts.tokens, tokens.max, now);
  if (concurrent !== null) counters.open.set(attempt, until);
  if (!holdsTokens && windows.length === 0) return;
  counters.reserve(attempt, { amounts, windows, holdsTokens, until, booked: false });
}
