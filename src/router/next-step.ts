import type { BackendEntry, FallbackReason, RouteEntry } from "../table/index.ts";
import type { Attempt, AttemptKind } from "./attempt.ts";

export interface Step {
  backend: BackendEntry;
  kind: AttemptKind;
}

/** What there would have been to try, had the route's budget not been used up. */
export interface Denied {
  denied: AttemptKind;
}

export interface Situation {
  /** Best first, none twice: all that may be called now. */
  chain: readonly BackendEntry[];
  /** In order of their starts. */
  attempts: readonly Attempt[];
  fallback: RouteEntry["fallback"];
  /** Whether the route's retry budget has something left. */
  hasBudget: boolean;
}

/**
 * What to try after attempts that have all failed: the same candidate again, the next one, or nothing.
 *
 * A retry never takes an attempt that a candidate further down could use: another model is likelier
 * to be well than the same one a moment later. Without budget nothing is retried: what is failing must
 * not be asked more often for it.
 */
export function nextStep(situation: Situation): Step | Denied | undefined {
  const { chain, attempts, hasBudget } = situation;
  const last = lastEnded(attempts);
  const [first] = chain;
  if (last === undefined) return first && { backend: first, kind: "first" };
  if (last.error === null) return undefined;
  const others = fallbacksFor(last.error.fallback, situation);
  const wantsRetry = prefersRetry(last, others.length, situation);
  if (wantsRetry && hasBudget) return { backend: last.backend, kind: "retry" };
  const [next] = others;
  if (next !== undefined) return { backend: next, kind: "fallback" };
  return wantsRetry ? { denied: "retry" } : undefined;
}

/** The attempt whose end the next step follows from: beside a hedge it need not be the one that began last. */
export function lastEnded(attempts: readonly Attempt[]): Attempt | undefined {
  let last: Attempt | undefined;
  for (const attempt of attempts) {
    if (attempt.superseded) continue;
    if ((attempt.endedAt ?? Infinity) >= (last?.endedAt ?? 0)) last = attempt;
  }
  return last;
}

/** A second attempt beside the first, at the next candidate. */
export function hedgeStep({ chain, attempts, fallback }: Situation): Step | undefined {
  if (attempts.length >= fallback.maxAttempts) return undefined;
  const next = chain.find((backend) => isUntried(backend, attempts));
  return next && { backend: next, kind: "hedge" };
}

/** Candidates that an attempt failing for this reason may be followed by, best first. */
export function fallbacksFor(
  reason: FallbackReason | null,
  { chain, attempts, fallback }: Pick<Situation, "chain" | "attempts" | "fallback">,
): BackendEntry[] {
  if (reason === null || !fallback.when.includes(reason)) return [];
  if (attempts.length >= fallback.maxAttempts) return [];
  const room = overflown(attempts);
  return chain.filter((backend) => isUntried(backend, attempts) && backend.contextWindow > room);
}

function isUntried({ name }: BackendEntry, attempts: readonly Attempt[]): boolean {
  return !attempts.some((attempt) => attempt.backend.name === name);
}

/** The largest window that the request did not fit into: it fits only into a larger one. */
function overflown(attempts: readonly Attempt[]): number {
  let room = 0;
  for (const { error, backend } of attempts) {
    if (error?.fallback === "ContextOverflow") room = Math.max(room, backend.contextWindow);
  }
  return room;
}

/** Nobody waits long for one candidate while another stands by. */
const longWaitMs = 1_000;

function prefersRetry(
  last: Attempt,
  others: number,
  { chain, attempts, fallback }: Situation,
): boolean {
  if (!chain.some(({ name }) => name === last.backend.name)) return false;
  const left = fallback.maxAttempts - attempts.length;
  if (left <= others || last.error?.retryable !== true) return false;
  if (others > 0 && (last.error.details.retryAfterMs ?? 0) >= longWaitMs) return false;
  return attempts.filter(({ backend }) => backend.name === last.backend.name).length === 1;
}
