import type { RequestRecord } from "../records/index.ts";

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
