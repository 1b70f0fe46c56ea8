import { ProviderError } from "../providers/index.ts";
import { closeAttempt, type Answered } from "./make-attempt.ts";
import { nextCandidate } from "./next-candidate.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";
import type { Answer } from "./run-attempt.ts";
import { situationOf } from "./situation.ts";

/** Whether the provider's own filter refused to answer. */
export function isRefusal(answer: Answer): boolean {
  if (answer.kind === "whole") return answer.reply.finishReason === "content_filter";
  // A stream that goes on has content, whatever else it said of its end.
  if (answer.kind !== "stream" || !answer.scope.settled) return false;
  return answer.held.some((frame) => frame.type === "finish" && frame.reason === "content_filter");
}

/** Lets a refused attempt stand as failed, with what it used. */
export function standAsRefused(
  { answer, attempt }: Answered,
  routed: RoutedRequest,
  parts: RouterParts,
): void {
  attempt.error = refused();
  if (answer.kind !== "stream") return;
  answer.close();
  closeAttempt(attempt, routed, parts);
}

/** Lets a refusal be the answer after all. */
export function standAsAnswer(answered: Answered): Answered {
  answered.attempt.error = null;
  return answered;
}

/**
 * A provider's refusal is an answer, unless the route says that refusals fall back and a candidate
 * is left.
 */
export function fallsBackAfterRefusal(
  answered: Answered,
  routed: RoutedRequest,
  parts: RouterParts,
): boolean {
  // Beside a hedge another attempt may have failed last: what follows from its error is not asked here.
  if (!routed.route.fallback.when.includes("ProviderRefused")) return false;
  if (!isRefusal(answered.answer)) return false;
  answered.attempt.error = refused();
  const next = nextCandidate(routed, situationOf(routed, parts), parts);
  if (next === undefined || "denied" in next) {
    standAsAnswer(answered);
    return false;
  }
  standAsRefused(answered, routed, parts);
  return true;
}

function refused(): ProviderError {
  return new ProviderError("content_refused", "The provider's own filter refused to answer");
}
