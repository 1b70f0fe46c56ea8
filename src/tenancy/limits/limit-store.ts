/** What an attempt is expected to use, or has used. Both whole. */
export interface Amounts {
  nanoUsd: number;
  /** Of input and output together. */
  tokens: number;
}

export type Unit = "nanoUsd" | "tokens";

/** Reject refuses, Downgrade asks for the cheaper amounts, Observe only says so. */
export type BudgetMode = "Reject" | "Downgrade" | "Observe";

/** Where a budget counts at a time: a window of its calendar. */
export interface WindowOfBudget {
  /** The same for all budgets that count the same: window, zone and unit. No spaces. */
  id: string;
  unit: Unit;
  /** Milliseconds since the epoch; `endsAt` is the beginning of the next one. */
  startsAt: number;
  endsAt: number;
}

export interface BudgetCheck extends WindowOfBudget {
  mode: BudgetMode;
  /** Of its unit. */
  limit: number;
}

/** Something that is bounded by number. Observed: what is beyond it passes. */
export interface Bound {
  max: number;
  observed: boolean;
}

/** What a store is asked before an attempt; what is absent bounds nothing. */
export interface Claim {
  /** Whose counters: unique among all that share the store. */
  tenant: string;
  /** Unique for ever. */
  attempt: string;
  amounts: Amounts;
  /** Reserved instead where a Downgrade budget has no room for `amounts`. */
  cheapest: Amounts | null;
  budgets: readonly BudgetCheck[];
  /** A minute; null for an attempt that is not its request's first. */
  requests: Bound | null;
  /** A minute. */
  tokens: Bound | null;
  /** Open at a time; null as for `requests`. */
  concurrent: Bound | null;
  /** How long the attempt and its request may last: what nobody settles by then is booked as reserved. */
  leaseMs: number;
}

export interface Counted {
  kind: "counted";
  /** The store's clock, in milliseconds since the epoch. */
  now: number;
  /** Index of the limit that refuses: requests, tokens, concurrent, then the budgets; null where the attempt is reserved. */
  refusedBy: number | null;
  /** Whether `cheapest` was asked for instead of `amounts`. */
  downgraded: boolean;
  /** Indices of all limits that have no room, also of those that are only observed. */
  exceeded: readonly number[];
  /** How full each minute's bucket is, after this. */
  requestsLevel: number;
  tokensLevel: number;
  /** How many requests are open, with this one if it may be. */
  open: number;
  /** By budget: spent and reserved, with what this reserves. */
  used: readonly number[];
}

/** By the store's clock a window is not the current one: ask again by `LimitStore.now`. */
export interface WindowMoved {
  kind: "moved";
}

/** The store did not answer in time, or is known not to answer. */
export interface Unavailable {
  kind: "unavailable";
  /** Whether it was asked: then it may have been done all the same. */
  asked: boolean;
}

export type ClaimReply = Counted | WindowMoved | Unavailable;

/** What an attempt has used, in place of what was reserved for it. */
export interface Settlement {
  tenant: string;
  attempt: string;
  amounts: Amounts;
  /** Where it counts if the store knows of no reservation. */
  windows: readonly WindowOfBudget[];
  /** As in its claim. */
  tokensPerMinute: number | null;
}

/**
 * Counts what tenants use. All checks and reservations of a claim are one step, and no other
 * claim comes between them.
 *
 * An attempt is settled once: further settlements of it change nothing. One whose lease has passed is
 * booked as it was reserved, and corrected where it is settled after all.
 */
export interface LimitStore {
  /** Its clock, as far as it is known, in milliseconds since the epoch. */
  now(): number;
  /** A promise only where it has to wait. Never rejects. */
  admit(claim: Claim): ClaimReply | Promise<ClaimReply>;
  /** Sees to it in the background, also where the store is away at the moment. */
  settle(settlement: Settlement): void;
  /** The request has ended: gives its place among the open ones back. */
  release(tenant: string, attempt: string): void;
  /** Waits a moment for what is not settled yet, then lets go of everything. */
  close(): Promise<void>;
}

/** Budgets that count the same, with different limits say, count once. */
export function distinctWindows<Window extends WindowOfBudget>(
  windows: readonly Window[],
): readonly Window[] {
  if (windows.length < 2) return windows;
  const isFirst = ({ id, startsAt }: Window, index: number) =>
    windows.findIndex((each) => each.id === id && each.startsAt === startsAt) === index;
  return windows.filter(isFirst);
}

/** A settlement of what nobody settled is waited for so long after its booking. */
export const lateMs = 3_600_000;

/** So long a shared store knows which attempts are settled: whoever is not sure that it was told repeats it within this time. */
export const settledMs = 600_000;
