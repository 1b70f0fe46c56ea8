import type { BackendEntry, RouteEntry } from "../table/index.ts";
import type { Attempt, AttemptKind } from "./attempt.ts";

export interface Step {
  backend: BackendEntry;
  kind: AttemptKind;
}

interface Situation {
  /** Best first, none twice: all that may be called now. */
  chain: readonly BackendEntry[];
  /** In order; every one has failed. */
  attempts: readonly Attempt[];
  fallback: RouteEntry["fallback"];
}

/**
 * What to try after the attempts so far: the same candidate again, the next one, or nothing.
 *
 * A retry never takes an attempt that a candidate further down could use: another model is likelier
 * to be well than the same one a moment later.
 */
export function nextStep(situation: Situation): Step | undefined {
  const { chain, attempts, fallback } = situation;
  const last = attempts.at(-1);
  const [first] = chain;
  if (last === undefined) return first && { backend: first, kind: "first" };
  const left = fallback.maxAttempts - attempts.length;
  if (left <= 0 || last.error === null) return undefined;
  const others = eligibleFallbacks(situation, last);
  const spare = left > others.length && (others.length === 0 || wantsNoLongWait(last));
  if (spare && mayRetry(chain, attempts, last)) return { backend: last.backend, kind: "retry" };
  const [next] = others;
  return next && { backend: next, kind: "fallback" };
}

function eligibleFallbacks(
  { chain, attempts, fallback }: Situation,
  last: Attempt,
): BackendEntry[] {
  const reason = last.error?.fallback ?? null;
  if (reason === null || !fallback.when.includes(reason)) return [];
  const tried = new Set(attempts.map((attempt) => attempt.backend.name));
  // What did not fit into one window fits only into a larger one.
  const room = reason === "ContextOverflow" ? last.backend.contextWindow : 0;
  return chain.filter((backend) => !tried.has(backend.name) && backend.contextWindow > room);
}

/** Nobody waits long for one candidate while another stands by. */
const longWaitMs = 1_000;

function wantsNoLongWait({ error }: Attempt): boolean {
  return (error?.details.retryAfterMs ?? 0) < longWaitMs;
}

function mayRetry(
  chain: readonly BackendEntry[],
  attempts: readonly Attempt[],
  last: Attempt,
): boolean {
  if (last.error?.retryable !== true) return false;
  if (!chain.some(({ name }) => name === last.backend.name)) return false;
  return attempts.filter((attempt) => attempt.backend.name === last.backend.name).length === 1;
}
