import type { BackendEntry } from "../table/index.ts";
import type { Amounts, Reservation, Reserved, TenantPlan, Verdict } from "../tenancy/index.ts";
import type { AttemptKind } from "./attempt.ts";

/** What is reserved for an attempt that has not begun. */
export interface Held {
  backend: BackendEntry;
  reservation: Reservation;
  amounts: Amounts;
}

/** What a request holds of its tenant's limits. */
export interface RequestLimits {
  plan: TenantPlan;
  /** On the request's first attempt. */
  verdict: Verdict;
  /** What the first attempt was expected to use. */
  expected: Amounts;
  /** By name, of all its attempts; also those that are only observed. */
  exceeded: Set<string>;
  held: Held | null;
  /** Holds the request's place among its tenant's open ones; null where it was refused. */
  place: Reservation | null;
  /** Reserved for all attempts so far. */
  reservedNanoUsd: number;
  /** The attempt that was not made because a limit had nothing left for it. */
  denied: AttemptKind | null;
}

export const picoPerNano = 1_000;

/** Rounded up: no fraction that a tenant has spent is overlooked. */
export function amountsOf(picoUsd: number, tokens: number): Amounts {
  return { nanoUsd: Math.ceil(picoUsd / picoPerNano), tokens };
}

export const nothing: Amounts = { nanoUsd: 0, tokens: 0 };

/** Keeps what was reserved for the next attempt, and gives back what another was to have. */
export function hold(
  limits: RequestLimits,
  { verdict, reservation }: Reserved,
  expected: { backend: BackendEntry; amounts: Amounts },
): void {
  limits.held?.reservation.settle(nothing);
  limits.held = null;
  if (verdict.kind === "judged") {
    for (const index of verdict.exceeded) limits.exceeded.add(limits.plan.names[index] ?? "");
  }
  if (reservation === null) return;
  limits.held = { ...expected, reservation };
  limits.reservedNanoUsd += expected.amounts.nanoUsd;
}

/** Hands what is held to the attempt that begins. */
export function takeReservation({ limits }: { limits?: RequestLimits }): Reservation | null {
  const held = limits?.held ?? null;
  if (limits !== undefined) limits.held = null;
  return held?.reservation ?? null;
}
