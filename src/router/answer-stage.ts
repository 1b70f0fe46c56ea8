import { backoffDelay } from "../lib/index.ts";
import { ProviderError } from "../providers/index.ts";
import { openAttempt, type Attempt } from "./attempt.ts";
import { ClientGone } from "./client-gone.ts";
import { untilAborted } from "./deadline.ts";
import { noteAnswered, noteInBook, noteInHealth } from "./learn.ts";
import { nextCandidate } from "./next-candidate.ts";
import type { Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";
import { runAttempt, type Answer } from "./run-attempt.ts";

export interface AnsweredRequest extends RoutedRequest {
  answer: Answer;
  /** When the route's total timeout has passed, by the clock's `elapsed()`: a stream may still be under way. */
  deadline: number;
}

/** No candidate of the chain answered. Which error the client gets is decided at the edge. */
export class ChainFailed extends Error {
  readonly errors: readonly ProviderError[];

  constructor(errors: readonly ProviderError[]) {
    super(`All ${errors.length} attempts failed`);
    this.name = "ChainFailed";
    this.errors = errors;
  }
}

/** A candidate that is about to be asked again should have had a moment, and no two routers the same one. */
const retryWait = { baseMs: 100, ceilingMs: 400 };

/** Timers fire a little early: with no more time than this a call would be made only to be cancelled. */
const leastMs = 5;

/**
 * Goes down the chain until a candidate answers. Each attempt is noted in `routed.attempts` from
 * its beginning on.
 *
 * @throws ChainFailed, ClientGone
 */
export async function answer(routed: RoutedRequest, parts: RouterParts): Promise<AnsweredRequest> {
  const { route, attempts } = routed;
  const deadline = parts.clock.elapsed() + route.fallback.totalTimeoutMs;
  for (;;) {
    const step = nextCandidate(routed, parts);
    const waitMs = step?.kind === "retry" ? waitBeforeRetry(attempts, parts) : 0;
    // A wait that outlasts the route's time would only keep the client from its error.
    if (step === undefined || parts.clock.elapsed() + waitMs + leastMs > deadline) {
      throw new ChainFailed(errorsOf(attempts));
    }
    if (waitMs > 0) await waitOrLeave(waitMs, routed.gone);
    const answered = await attemptStep(step, routed, deadline - parts.clock.elapsed(), parts);
    if (answered === undefined) continue;
    if (mayStillFallBack(answered, routed, parts)) continue;
    return { ...routed, answer: answered, deadline };
  }
}

function errorsOf(attempts: readonly Attempt[]): ProviderError[] {
  return attempts.flatMap((attempt) => attempt.error ?? []);
}

/** Milliseconds: what the provider asked for, else a little by chance. */
function waitBeforeRetry(attempts: readonly Attempt[], { random }: RouterParts): number {
  const asked = attempts.at(-1)?.error?.details.retryAfterMs;
  return asked ?? backoffDelay(0, retryWait, 0.5 + random() / 2);
}

async function waitOrLeave(ms: number, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await untilAborted(promise, gone);
  } finally {
    clearTimeout(timer);
  }
}

async function attemptStep(
  step: Step,
  routed: RoutedRequest,
  remainingMs: number,
  parts: RouterParts,
): Promise<Answer | undefined> {
  const { asked, gone, metadata } = routed;
  const attempt = openAttempt(step.backend, step.kind, asked.streaming, parts.clock.elapsed());
  routed.attempts.push(attempt);
  attempt.ticket = parts.health.begin(step.backend);
  const provider = parts.providers[step.backend.target.type];
  try {
    const answered = await runAttempt({ asked, provider, metadata, gone, remainingMs }, attempt);
    const now = parts.clock.elapsed();
    if (answered.kind === "stream") {
      attempt.firstTokenMs = now - attempt.startedAt;
      noteAnswered(attempt, routed.route, parts.health);
    } else closeAttempt(attempt, routed, parts);
    return answered;
  } catch (error) {
    attempt.clientGone = error instanceof ClientGone;
    if (!attempt.clientGone) attempt.error = asProviderError(error, routed, parts);
    closeAttempt(attempt, routed, parts);
    if (attempt.clientGone) throw error;
    return undefined;
  }
}

/** Ends the attempt's account, and lets what it taught be known to later choices. */
export function closeAttempt(attempt: Attempt, routed: RoutedRequest, parts: RouterParts): void {
  attempt.endedAt = parts.clock.elapsed();
  noteInBook(attempt, routed.route.name, parts.book);
  noteInHealth(attempt, routed.route, parts.health);
}

/** Providers promise ProviderErrors: anything else is a fault of ours, which other candidates may not share. */
export function asProviderError(
  error: unknown,
  routed: RoutedRequest,
  parts: RouterParts,
): ProviderError {
  if (error instanceof ProviderError) return error;
  parts.onFault(error, routed.requestId);
  return new ProviderError("internal", "The call failed for an unexpected reason", {
    cause: error,
  });
}

/**
 * A provider's refusal is an answer, unless the route says that refusals fall back and a candidate
 * is left. The refused attempt then stands as failed, with what it used.
 */
function mayStillFallBack(answered: Answer, routed: RoutedRequest, parts: RouterParts): boolean {
  const attempt = routed.attempts.at(-1);
  if (attempt === undefined || !isRefusal(answered)) return false;
  attempt.error = new ProviderError(
    "content_refused",
    "The provider's own filter refused to answer",
  );
  const next = nextCandidate(routed, parts);
  if (next === undefined) attempt.error = null;
  else if (answered.kind === "stream") {
    answered.close();
    closeAttempt(attempt, routed, parts);
  }
  return next !== undefined;
}

function isRefusal(answered: Answer): boolean {
  if (answered.kind === "whole") return answered.reply.finishReason === "content_filter";
  if (answered.kind !== "stream") return false;
  return answered.held.some(
    (frame) => frame.type === "finish" && frame.reason === "content_filter",
  );
}
