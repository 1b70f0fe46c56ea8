import type { LatencyBook } from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";

/**
 * What an ended attempt teaches the book. One that the client cut short teaches nothing, nor does one
 * whose failure was the request's own: neither speaks for or against the backend.
 */
export function noteInBook(attempt: Attempt, route: string, book: LatencyBook): void {
  const { error, usage } = attempt;
  if (attempt.clientGone || attempt.endedAt === null || error?.counts === false) return;
  const totalMs = attempt.endedAt - attempt.startedAt;
  book.observe(attempt.backend, {
    route,
    ok: error === null,
    firstTokenMs: firstToken(attempt, totalMs),
    totalMs: error === null ? totalMs : undefined,
    outputTokens: error === null ? usage?.output : undefined,
    inputTokens: usage === null ? undefined : inputOf(usage),
    cacheReadTokens: usage?.cacheRead,
  });
}

/** A wait that was given up lasted at least as long as it was borne: leaving it out would flatter the backend. */
function firstToken(attempt: Attempt, totalMs: number): number | undefined {
  if (attempt.error?.code === "slow_first_token") return totalMs;
  return attempt.firstTokenMs ?? undefined;
}

function inputOf(usage: NonNullable<Attempt["usage"]>): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}
