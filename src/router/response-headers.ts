import type { Attempt } from "./attempt.ts";
import type { Progress } from "./progress.ts";

type Told = Pick<Progress, "requestId" | "snapshot" | "attempts" | "choice">;

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
  const attempts = progress.attempts ?? [];
  const last = attempts.at(-1);
  if (progress.choice === undefined || last === undefined) return headers;
  headers["x-switchyard-backend"] = last.backend.name;
  headers["x-switchyard-attempts"] = String(attempts.length);
  headers["x-switchyard-reason"] = reasonOf(attempts) ?? progress.choice.reason;
  return headers;
}

function reasonOf(attempts: readonly Attempt[]): string | undefined {
  const reason = fallbackReason(attempts);
  return reason === null ? undefined : `fallback:${reason}`;
}

/** Why the first candidate was left: null where the chain never moved on. */
export function fallbackReason(attempts: readonly Attempt[]): string | null {
  const moved = attempts.findIndex((attempt) => attempt.kind === "fallback");
  return moved < 1 ? null : (attempts[moved - 1]?.error?.fallback ?? null);
}
