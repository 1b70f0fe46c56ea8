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
  if (answer.kind !== "stream") return false;
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

/**
 * A provider's refusal is an answer, unless the route says that refusals fall back and a candidate
 * is left.
 */
export function fallsBackAfterRefusal(
  answered: Answered,
  routed: RoutedRequest,
  parts: RouterParts,
): boolean {
  if (!isRefusal(answered.answer)) return false;
  answered.attempt.error = refused();
  const next = nextCandidate(routed, situationOf(routed, parts), parts);
  if (next === undefined || "denied" in next) {
    answered.attempt.error = null;
    return false;
  }
  standAsRefused(answered, routed, parts);
  return true;
}

function refused(): ProviderError {
  return new ProviderError("content_refused", "The provider's own filter refused to answer");
}
