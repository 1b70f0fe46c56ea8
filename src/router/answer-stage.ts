import { backoffDelay } from "../lib/index.ts";
import type { ProviderError } from "../providers/index.ts";
import type { Attempt } from "./attempt.ts";
import { untilAborted } from "./deadline.ts";
import { attemptWithHedge } from "./hedge.ts";
import { reserveAttempt } from "./limit-stage.ts";
import { beginAttempt, type Answered, type Timed } from "./make-attempt.ts";
import { nextCandidate } from "./next-candidate.ts";
import { lastEnded, type Situation, type Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import { fallsBackAfterRefusal } from "./refusal.ts";
import { passAnswer } from "./safety/pass-answer.ts";
import type { RoutedRequest } from "./route-stage.ts";
import { situationOf } from "./situation.ts";

export interface AnsweredRequest extends RoutedRequest, Answered {
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
  const timed = { routed, deadline: parts.clock.elapsed() + route.fallback.totalTimeoutMs };
  parts.budgets.noteRequest(route);
  let pausedAfter = 0;
  for (;;) {
    const situation = situationOf(routed, parts);
    const step = nextCandidate(routed, situation, parts);
    if (step === undefined || "denied" in step) {
      routed.denied = step?.denied ?? routed.denied;
      throw new ChainFailed(errorsOf(attempts));
    }
    const waitMs = pausedAfter === attempts.length ? 0 : waitBefore(step, attempts, parts);
    refuseWithoutTime(waitMs, timed, parts);
    if (waitMs > 0) {
      await waitOrLeave(waitMs, routed.gone);
      pausedAfter = attempts.length;
      // What was well and free before the pause may not be after it.
      continue;
    }
    const answered = await takeWhatPasses(step, situation, timed, parts);
    if (answered === undefined) continue;
    const { attempt, answer: given } = answered;
    return { ...routed, attempt, answer: given, deadline: timed.deadline };
  }
}

/** @returns undefined where the chain is to go on */
async function takeWhatPasses(
  step: Step,
  situation: Situation,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { routed } = timed;
  const answered = await take(step, situation, timed, parts);
  if (answered === undefined || fallsBackAfterRefusal(answered, routed, parts)) return undefined;
  return routed.inspection === undefined ? answered : passAnswer(answered, timed, parts);
}

/** @throws ChainFailed where a wait would only keep the client from its error */
function refuseWithoutTime(waitMs: number, { routed, deadline }: Timed, parts: RouterParts): void {
  if (parts.clock.elapsed() + waitMs + leastMs <= deadline) return;
  throw new ChainFailed(errorsOf(routed.attempts));
}

function errorsOf(attempts: readonly Attempt[]): ProviderError[] {
  return attempts.flatMap((attempt) => attempt.error ?? []);
}

/** Milliseconds: what the provider asked for, else a little by chance. */
function waitBefore(step: Step, attempts: readonly Attempt[], { random }: RouterParts): number {
  if (step.kind !== "retry") return 0;
  const asked = lastEnded(attempts)?.error?.details.retryAfterMs;
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

function take(
  step: Step,
  situation: Situation,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { routed } = timed;
  const reserved = reserveAttempt(step, routed, parts);
  const go = (mayGo: boolean): Promise<Answered | undefined> => {
    if (!mayGo) throw new ChainFailed(errorsOf(routed.attempts));
    return begin(step, situation, timed, parts);
  };
  // What need not be waited for is not: the chain's state may be another a moment later.
  return reserved instanceof Promise ? reserved.then(go) : go(reserved);
}

/** Only a request's first attempt is hedged: those after it are made because something went wrong already. */
function begin(
  step: Step,
  situation: Situation,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { routed } = timed;
  if (step.kind !== "first") parts.budgets.spendRetry(routed.route);
  const { hedge } = situation.fallback;
  const hedged = hedge !== undefined && step.kind === "first" && situation.chain.length > 1;
  return hedged
    ? attemptWithHedge(step, situation, timed, parts)
    : beginAttempt(step, situation, timed, parts).answered;
}
