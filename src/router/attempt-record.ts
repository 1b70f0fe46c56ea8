import { usdFromPico, type AttemptRecord, type TokenCounts } from "../records/index.ts";
import type { Usage } from "../openai/index.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptAccount } from "./attempt-account.ts";
import { requestModelOf } from "./target-facts.ts";

/**
 * An ended attempt, as the record tells it.
 *
 * @param arrivedAt of its request, by the same clock
 */
export function attemptRecord(
  attempt: Attempt,
  account: AttemptAccount,
  arrivedAt: number,
): AttemptRecord {
  const { firstTokenMs } = attempt;
  const end = endOf(attempt);
  return {
    backend: attempt.backend.name,
    kind: attempt.kind,
    sent: attempt.sent,
    start_ms: roundMs(Math.max(0, attempt.startedAt - arrivedAt)),
    ms: roundMs(attemptMs(attempt)),
    ttft_ms: firstTokenMs === null ? null : roundMs(firstTokenMs),
    status: end.status,
    error_type: end.error_type,
    frames: attempt.contentFrames,
    tokens: tokenCounts(account.usage),
    token_source: account.source,
    cost_usd: usdFromPico(account.costPicoUsd),
  };
}

/** How long it was under way, in milliseconds. */
function attemptMs({ startedAt, endedAt }: Attempt): number {
  return (endedAt ?? startedAt) - startedAt;
}

function endOf({
  error,
  clientGone,
  superseded,
}: Attempt): Pick<AttemptRecord, "status" | "error_type"> {
  if (superseded) return { status: null, error_type: "superseded" };
  if (clientGone) return { status: null, error_type: "client_closed_request" };
  if (error === null) return { status: 200, error_type: null };
  return { status: error.details.upstreamStatus ?? null, error_type: error.code };
}

/** The model that answered, as its provider names it; null where none did. */
export function answeringModel({ backend, error, facts }: Attempt): string | null {
  return error === null ? (facts.model ?? requestModelOf(backend.target)) : null;
}

export function awsRequestId({ facts, error }: Attempt): string | null {
  return facts.requestId ?? error?.details.requestId ?? null;
}

export function tokenCounts(usage: Usage | null): TokenCounts | null {
  if (usage === null) return null;
  return {
    in: usage.input,
    out: usage.output,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_write_1h: usage.cacheWrite1h,
    reasoning: usage.reasoning,
  };
}

/** Microseconds are noise here, and digits cost bytes in every line. */
export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
