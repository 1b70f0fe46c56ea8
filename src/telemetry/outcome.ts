import type { AttemptRecord, RequestRecord } from "../records/index.ts";

/** How a request ended, in one word, for counting. */
export type OutcomeLabel = "answered" | "refused" | "limited" | "failed" | "aborted";

/**
 * `answered`: the client got its answer, whole. `refused`: it asked for what it cannot have (4xx).
 * `limited`: too much of it (429). `failed`: we could not serve it, a broken stream included.
 * `aborted`: the client went away first.
 */
export function outcomeOf(
  record: Pick<RequestRecord, "status" | "error_type" | "client_aborted">,
): OutcomeLabel {
  if (record.client_aborted) return "aborted";
  if (record.status >= 500) return "failed";
  if (record.status === 429) return "limited";
  if (record.status >= 400) return "refused";
  return record.error_type === null ? "answered" : "failed";
}

/** Ends of attempts that we wanted: nothing was wrong with the call. */
const cancellations = new Set(["superseded", "client_closed_request"]);

/** How an attempt ended that gave no answer: by an error, or cancelled without one. */
export function attemptEnd({ error_type: type }: Pick<AttemptRecord, "error_type">): {
  error: string | null;
  cancelled: string | null;
} {
  const isError = type === null || !cancellations.has(type);
  return isError ? { error: type, cancelled: null } : { error: null, cancelled: type };
}
