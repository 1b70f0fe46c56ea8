import type { Attempt } from "./attempt.ts";
import { limitHeaders } from "./limit-headers.ts";
import { servingAttempt, type Progress } from "./progress.ts";

type Told = Pick<Progress, "requestId" | "snapshot" | "attempts" | "attempt" | "choice" | "limits">;

/** What every answer of the API tells of how it came about. Names are lower case. */
export function switchyardHeaders(progress: Told): Record<string, string> {
  const headers: Record<string, string> = {
    "x-switchyard-request-id": progress.requestId,
    // OpenAI's clients read this one and show it in their errors.
    "x-request-id": progress.requestId,
  };
  if (progress.snapshot !== undefined) {
    headers["x-switchyard-table-digest"] = progress.snapshot.digest;
  }
  if (progress.limits !== undefined) Object.assign(headers, limitHeaders(progress.limits));
  const attempts = progress.attempts ?? [];
  const serving = servingAttempt(progress);
  if (progress.choice === undefined || serving === undefined) return headers;
  headers["x-switchyard-backend"] = serving.backend.name;
  headers["x-switchyard-attempts"] = String(attempts.length);
  headers["x-switchyard-reason"] = reasonOf(attempts, serving) ?? progress.choice.reason;
  return headers;
}

function reasonOf(attempts: readonly Attempt[], serving: Attempt): string | undefined {
  const reason = fallbackReason(attempts);
  if (reason !== null) return `fallback:${reason}`;
  return serving.kind === "hedge" ? "hedge" : undefined;
}

/**
 * Why the first candidate was left: null where the chain never moved on. A hedge that went on after
 * the first had failed is the fallback.
 */
export function fallbackReason(attempts: readonly Attempt[]): string | null {
  const moved = attempts.findIndex(
    ({ kind, superseded }) => kind === "fallback" || (kind === "hedge" && !superseded),
  );
  if (moved < 1) return null;
  return attempts.slice(0, moved).findLast(({ error }) => error !== null)?.error?.fallback ?? null;
}
