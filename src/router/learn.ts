import {
  isSlowAnswer,
  isSlowStart,
  type AttemptSample,
  type BackendHealth,
  type LatencyBook,
} from "../routing/index.ts";
import type { RouteEntry } from "../table/index.ts";
import type { Attempt } from "./attempt.ts";

/**
 * What an ended attempt teaches the book. One that the client cut short teaches nothing, nor does one
 * whose failure was the request's own: neither speaks for or against the backend. One that another
 * attempt beat, or that we gave up, lasted at least as long as it was borne: leaving it out would
 * flatter the backend. All times are from the call on: our own queue is not the backend's doing.
 */
export function noteInBook(attempt: Attempt, route: string, book: LatencyBook): void {
  const { error, endedAt, firstTokenMs, queuedMs } = attempt;
  if (attempt.clientGone || endedAt === null || queuedMs === null) return;
  const totalMs = endedAt - attempt.startedAt - queuedMs;
  if (attempt.cancelled && firstTokenMs === null) noteWait(attempt, route, totalMs, book);
  if (attempt.superseded || saysNothing(attempt)) return;
  book.observe(attempt.backend, {
    route,
    ok: error === null,
    firstTokenMs: firstTokenMs === null ? undefined : firstTokenMs - queuedMs,
    ...(error === null ? successOf(attempt, totalMs) : {}),
  });
}

function successOf({ streaming, usage }: Attempt, totalMs: number): Partial<AttemptSample> {
  const times = { totalMs, wholeMs: streaming ? undefined : totalMs };
  if (usage === null) return times;
  const { output: outputTokens, cacheRead: cacheReadTokens } = usage;
  return { ...times, outputTokens, cacheReadTokens, inputTokens: inputOf(usage) };
}

function noteWait(attempt: Attempt, route: string, ms: number, book: LatencyBook): void {
  const wait = attempt.streaming ? { firstTokenMs: ms } : { wholeMs: ms };
  book.observeWait(attempt.backend, { route, ...wait });
}

function inputOf(usage: NonNullable<Attempt["usage"]>): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}

/** What the first content of a stream says of the backend's health, long before the stream's end. */
export function noteAnswered(attempt: Attempt, route: RouteEntry, health: BackendHealth): void {
  const { ticket, firstTokenMs, queuedMs, backend } = attempt;
  if (ticket === null || firstTokenMs === null) return;
  const slow = isSlowStart(backend, route.envelope, firstTokenMs - (queuedMs ?? 0));
  health.note(ticket, { result: "answered", slow });
}

/** What an ended attempt says of its backend's health. */
export function noteInHealth(attempt: Attempt, route: RouteEntry, health: BackendHealth): void {
  const { ticket, error } = attempt;
  if (ticket === null) return;
  const slow = slowInTheEnd(attempt, route);
  if (wasCutShort(attempt) || saysNothing(attempt)) {
    health.note(ticket, { result: "none", slow });
  } else if (error === null) health.note(ticket, { result: "ok", slow });
  else {
    const { early, retryAfterMs: asked } = error.details;
    const retryAfterMs = error.fallback === "RateLimited" ? asked : undefined;
    const inShareOnly = error.counts === "in_share";
    health.note(ticket, { result: "failed", slow, early, inShareOnly, retryAfterMs });
  }
}

/** Whether it failed by what is not the backend's doing. */
function saysNothing(attempt: Attempt): boolean {
  return !attempt.sent || attempt.error?.counts === false || mostlyQueued(attempt);
}

/** Whether a bound passed that our own queue had used up for the most part. */
function mostlyQueued({ cancelled, queuedMs, startedAt, endedAt }: Attempt): boolean {
  if (!cancelled || queuedMs === null || endedAt === null) return false;
  return queuedMs > (endedAt - startedAt) / 2;
}

/** Undefined where the attempt does not tell, or told when it was answered. */
function slowInTheEnd(attempt: Attempt, { envelope }: RouteEntry): boolean | undefined {
  const { backend, streaming, firstTokenMs, error, usage, startedAt, endedAt, queuedMs } = attempt;
  if (queuedMs === null || endedAt === null) return undefined;
  const totalMs = endedAt - startedAt - queuedMs;
  if (streaming) {
    // A wait that ended without a token was slow only if it was long enough to be.
    const waited = firstTokenMs === null && isSlowStart(backend, envelope, totalMs);
    return waited ? true : undefined;
  }
  if (error !== null || wasCutShort(attempt)) return undefined;
  return isSlowAnswer(backend, envelope, { totalMs, outputTokens: usage?.output ?? 0 });
}

function wasCutShort({ clientGone, superseded }: Attempt): boolean {
  return clientGone || superseded;
}
