import type { ProviderError, ProviderErrorCode } from "../providers/index.ts";

// What a client can act on comes first, what merely says "try again" after it, our own troubles last.
const byTelling: readonly ProviderErrorCode[] = [
  "context_overflow",
  "content_refused",
  "filter_blocked",
  "invalid_request",
  "model_refused",
  "quota_exceeded",
  "throttled",
  "model_not_ready",
  "backend_busy",
  "timeout",
  "slow_first_token",
  "stream_broken",
  "model_error",
  "malformed_reply",
  "empty_reply",
  "unavailable",
  "internal",
  "connection_failed",
  "model_not_found",
  "access_denied",
];

/** Of the errors of a failed chain, the one that tells the client most; of equals, the last. */
export function mostTelling(errors: readonly ProviderError[]): ProviderError | undefined {
  const rank = (error: ProviderError) => byTelling.indexOf(error.code);
  return errors.reduce<ProviderError | undefined>(
    (best, error) => (best === undefined || rank(error) <= rank(best) ? error : best),
    undefined,
  );
}
