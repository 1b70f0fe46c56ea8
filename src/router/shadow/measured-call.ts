import type { ChatReply } from "../../openai/index.ts";
import { ProviderError } from "../../providers/index.ts";
import { estimate, type RequestNeeds } from "../../routing/index.ts";
import type { BackendEntry, RouteEntry } from "../../table/index.ts";
import { AttemptScope } from "../attempt-scope.ts";
import { openAttempt, type Attempt } from "../attempt.ts";
import { ClientGone } from "../client-gone.ts";
import type { Asked } from "../parse-stage.ts";
import type { RouterParts } from "../parts.ts";
import { runAttempt } from "../run-attempt.ts";
import { Superseded } from "../superseded.ts";
import { unseenTokens } from "../unseen-tokens.ts";

/** A call that measures and serves nobody: users' requests come before it, and it teaches nothing of them. */
export interface MeasuredCall {
  kind: "shadow" | "judge";
  backend: BackendEntry;
  route: RouteEntry;
  asked: Asked;
  needs: RequestNeeds;
  metadata: Readonly<Record<string, string>>;
  /** Told of faults of the router's own. */
  onFault: (error: unknown) => void;
}

export interface Measured {
  attempt: Attempt;
  /** Undefined where none came: the attempt says why, and is `superseded` where it gave up its place. */
  reply: ChatReply | undefined;
}

/** Why a backend is not called, in a word. */
export type CallRefusal = "backend_away" | "backend_busy";

/**
 * Calls a backend that is well and has places to spare, once. Neither its health nor its latency hears of it:
 * what is called only in quiet moments says nothing of the busy ones, and nobody's chain may change for it.
 *
 * @returns why it was not called, where it was not
 */
export function measure(
  call: MeasuredCall,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<Measured> | CallRefusal {
  const { backend } = call;
  // One that is being probed is left to those whom it is to serve.
  if (parts.health.describe(backend.name).state !== "closed") return "backend_away";
  const scope = new AttemptScope(signal);
  const place = parts.places.takeSpare(backend, () => scope.cancel(new Superseded()));
  if (place === undefined) {
    scope.settle();
    return "backend_busy";
  }
  const attempt = openAttempt(backend, call.kind, false, parts.clock.elapsed());
  attempt.place = place;
  return carryOut(call, { attempt, scope }, parts);
}

async function carryOut(
  { backend, route, asked, needs, metadata, onFault }: MeasuredCall,
  { attempt, scope }: { attempt: Attempt; scope: AttemptScope },
  parts: RouterParts,
): Promise<Measured> {
  const ms = Math.min(backend.timeouts.totalMs, route.fallback.totalTimeoutMs);
  scope.watchdog.arm(ms, () => new ProviderError("timeout", `No answer came within ${ms} ms`));
  let reply: ChatReply | undefined;
  try {
    scope.signal.throwIfAborted();
    attempt.sent = true;
    const provider = parts.providers[backend.target.type];
    const answer = await runAttempt({ asked, provider, metadata }, attempt, scope);
    reply = answer.kind === "whole" ? answer.reply : undefined;
  } catch (error) {
    scope.close();
    noteFailure(attempt, error, onFault);
  } finally {
    attempt.endedAt = parts.clock.elapsed();
    attempt.place?.leave();
    const estimates = estimate(backend, needs, route.name, parts.book);
    attempt.unseenTokens = unseenTokens(attempt, { estimates }, parts.book);
  }
  return { attempt, reply };
}

function noteFailure(attempt: Attempt, error: unknown, onFault: (error: unknown) => void): void {
  if (error instanceof Superseded) attempt.superseded = true;
  else if (error instanceof ClientGone) attempt.clientGone = true;
  else {
    if (!(error instanceof ProviderError)) onFault(error);
    attempt.error = asProviderError(error);
    attempt.usage ??= attempt.error.details.usage ?? null;
  }
}

function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  return new ProviderError("internal", "The call failed for an unexpected reason", {
    cause: error,
  });
}
