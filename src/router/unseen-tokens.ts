import type { LatencyBook, Prospect } from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";

/**
 * What a whole answer had probably come to when its call was cancelled. The model had written it, and it is
 * billed, though nobody has seen any of it: by the backend's usual pace, and no more than is expected of the
 * route's answers, since a backend that hangs writes nothing for however long it is waited for.
 */
export function unseenTokens(
  attempt: Attempt,
  { estimates }: Pick<Prospect, "estimates">,
  book: LatencyBook,
): number {
  const { backend, startedAt, endedAt, queuedMs, usage } = attempt;
  if (attempt.streaming || !attempt.cancelled || !attempt.sent || usage !== null) return 0;
  const underWayMs = (endedAt ?? startedAt) - startedAt - (queuedMs ?? 0);
  const writingMs = Math.max(0, underWayMs - book.firstTokenMs(backend, 0.5));
  const written = (writingMs * book.tokensPerSecond(backend)) / 1_000;
  return Math.round(Math.min(written, estimates.outputTokens));
}
