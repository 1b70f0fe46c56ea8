import { inWords } from "./in-words.ts";

/** What attempts that ended with a code say of their backend, as what stands behind its name. */
const failures: Readonly<Record<string, string>> = {
  throttled: "turns calls away for their rate",
  quota_exceeded: "turns calls away: its quota is used up",
  model_not_ready: "is still starting up",
  backend_busy: "has as many calls open as it may have",
  context_overflow: "is sent prompts that are longer than it takes",
  model_not_found: "does not know the model that it is asked for",
  invalid_request: "finds the requests invalid",
  access_denied: "refuses the router's credentials or rights",
  timeout: "does not finish its answers in time",
  slow_first_token: "does not begin its answers in time",
  model_error: "answers with errors of its model",
  model_refused: "finds the requests invalid",
  internal: "answers with internal errors",
  unavailable: "answers that it is unavailable",
  connection_failed: "cannot be reached",
  stream_broken: "breaks its answers off",
  empty_reply: "answers without content",
  malformed_reply: "answers what nobody can read",
  content_refused: "refuses what it is asked",
  filter_blocked: "gives answers that a safety filter holds back",
};

/**
 * `turns calls away for their rate (throttled)`: what a backend does whose attempts end with this code. The code stands
 * as it is in records and metrics, to be searched for.
 */
export function failureInWords(code: string): string {
  return Object.hasOwn(failures, code) ? `${failures[code]} (${code})` : `fails (${code})`;
}

const ejections: Readonly<Record<string, string>> = {
  consecutive_failures: "one call after the other failed",
  error_share: "too many of its calls failed",
  slow_share: "too many of its calls were slow",
  throttled: "it asked to be left alone for a while (throttled)",
  probe_failed: "the call that tried it again failed, too",
};

/** Why a backend was ejected, as a half sentence. */
export function ejectionInWords(reason: string | null): string {
  if (reason === null) return "nobody knows why";
  return Object.hasOwn(ejections, reason) ? (ejections[reason] ?? reason) : inWords(reason);
}
