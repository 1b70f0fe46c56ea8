import { ProviderError } from "../providers/index.ts";
import { estimate, type Estimates, type Prospect } from "../routing/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { attemptBound } from "./attempt-bound.ts";
import { AttemptScope } from "./attempt-scope.ts";
import { openAttempt, type Attempt } from "./attempt.ts";
import { ClientGone } from "./client-gone.ts";
import { noteAnswered, noteInBook, noteInHealth } from "./learn.ts";
import { fallbacksFor, type Situation, type Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import { takeReservation } from "./request-limits.ts";
import type { RoutedRequest } from "./route-stage.ts";
import { runAttempt, type Answer, type Bound } from "./run-attempt.ts";
import { settleAttempt } from "./settle-attempt.ts";
import { Superseded } from "./superseded.ts";
import { takePlace } from "./take-place.ts";
import { unseenTokens } from "./unseen-tokens.ts";

/** A request that is being answered, and until when, by the clock's `elapsed()`. */
export interface Timed {
  routed: RoutedRequest;
  deadline: number;
}

/** What answered, and in which attempt. */
export interface Answered {
  answer: Answer;
  attempt: Attempt;
}

export interface UnderWay {
  attempt: Attempt;
  scope: AttemptScope;
  /** Undefined where it failed: the attempt says how. Rejects with ClientGone alone. */
  answered: Promise<Answered | undefined>;
}

/** Begins an attempt, and notes it in `routed.attempts`. */
export function beginAttempt(
  step: Step,
  situation: Situation,
  timed: Timed,
  parts: RouterParts,
): UnderWay {
  const { routed } = timed;
  const { asked, gone } = routed;
  const now = parts.clock.elapsed();
  const attempt = openAttempt(step.backend, step.kind, asked.streaming, now);
  attempt.ticket = parts.health.begin(step.backend);
  // The first one's share was spent when it was chosen, and a retry serves the same request.
  if (step.kind === "fallback" || step.kind === "hedge") {
    parts.shares.spend(routed.route, step.backend);
  }
  attempt.reservation = takeReservation(routed);
  attempt.transcript = routed.shadow?.transcript() ?? null;
  routed.attempts.push(attempt);
  const scope = new AttemptScope(gone);
  const bound = boundOf(attempt, situation, timed, parts);
  return { attempt, scope, answered: carryOut({ attempt, scope, bound }, routed, parts) };
}

interface Opened {
  attempt: Attempt;
  scope: AttemptScope;
  bound: Bound;
}

async function carryOut(
  { attempt, scope, bound }: Opened,
  routed: RoutedRequest,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { asked, metadata } = routed;
  const provider = parts.providers[attempt.backend.target.type];
  scope.watchdog.arm(bound.ms, bound.passed);
  try {
    const waiting = takePlace(attempt, scope.signal, parts);
    if (waiting !== undefined) await waiting;
    scope.signal.throwIfAborted();
    attempt.sent = true;
    const answer = await runAttempt({ asked, provider, metadata }, attempt, scope);
    const now = parts.clock.elapsed();
    if (answer.kind === "stream") {
      attempt.firstTokenMs = now - attempt.startedAt;
      noteAnswered(attempt, routed.route, parts.health);
    } else closeAttempt(attempt, routed, parts);
    return { answer, attempt };
  } catch (error) {
    scope.close();
    attempt.clientGone = error instanceof ClientGone;
    attempt.superseded = error instanceof Superseded;
    if (!attempt.clientGone && !attempt.superseded) {
      attempt.error = asProviderError(error, routed, parts);
      attempt.usage ??= attempt.error.details.usage ?? null;
    }
    closeAttempt(attempt, routed, parts);
    if (attempt.clientGone) throw error;
    return undefined;
  }
}

/** How long an attempt may take from its start on, as things stand now. */
export function boundOf(
  attempt: Attempt,
  situation: Situation,
  { routed, deadline }: Timed,
  parts: RouterParts,
): Bound {
  const reason = attempt.streaming ? "SlowFirstToken" : "Timeout";
  const [standby] = fallbacksFor(reason, situation);
  const estimates = standby && estimatesOf(standby, routed, parts);
  const prospect = prospectOf(attempt.backend, routed, parts);
  return attemptBound(prospect, estimates, deadline - attempt.startedAt, parts.book);
}

export function prospectOf(
  backend: BackendEntry,
  routed: RoutedRequest,
  parts: RouterParts,
): Prospect {
  const { route, asked, needs } = routed;
  const estimates = estimatesOf(backend, routed, parts);
  return { backend, route: route.name, streaming: asked.streaming, needs, estimates };
}

/** As when the chain was chosen; an ejected candidate has not been in it. */
function estimatesOf(
  backend: BackendEntry,
  { choice, needs, route }: RoutedRequest,
  { book }: RouterParts,
): Estimates {
  const link = choice.chain.find((each) => each.backend === backend);
  return link?.estimates ?? estimate(backend, needs, route.name, book);
}

/** Ends the attempt's account once, and lets what it taught be known to later choices. */
export function closeAttempt(attempt: Attempt, routed: RoutedRequest, parts: RouterParts): void {
  if (attempt.endedAt !== null) return;
  attempt.endedAt = parts.clock.elapsed();
  attempt.place?.leave();
  attempt.unseenTokens = unseenTokens(
    attempt,
    prospectOf(attempt.backend, routed, parts),
    parts.book,
  );
  settleAttempt(attempt, routed.needs);
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
