import type { RequestRecord } from "../../records/index.ts";
import { outcomeOf } from "../../telemetry/index.ts";

interface Cause {
  backend: string;
  error: string;
}

/** Attempts that ended so were not wanted any more. */
const cancelled = new Set(["superseded", "client_closed_request"]);

/**
 * Which backend's failed attempts stand behind a route's failures most often, and with which code, by its last
 * records; null where none failed.
 */
export function causeOf(requests: readonly RequestRecord[], route: string): Cause | null {
  const failures = failedAttempts(requests.filter((each) => each.route === route));
  const usual = mostFrequent(
    failures.map(({ backend, error_type: error }) => `${backend}\n${error}`),
  );
  const [backend, error] = usual?.split("\n", 2) ?? [];
  return backend === undefined || error === undefined ? null : { backend, error };
}

/** With which code a backend's last failed attempts ended most often, on any route. */
export function usualFailure(requests: readonly RequestRecord[], backend: string): string | null {
  const failures = failedAttempts(requests).filter((each) => each.backend === backend);
  return mostFrequent(failures.map(({ error_type: error }) => error));
}

const failedAttempts = (requests: readonly RequestRecord[]) =>
  requests
    .flatMap(({ attempts }) => attempts)
    .filter(({ error_type: error }) => error !== null && !cancelled.has(error));

/** What a route's last failed requests ended with most often. */
export function usualError(requests: readonly RequestRecord[], route: string): string | null {
  const failed = requests.filter((each) => each.route === route && outcomeOf(each) === "failed");
  return mostFrequent(failed.map(({ error_type: error }) => error));
}

/** The limit that refused most of a route's last requests that got 429; null where it was no tenant's. */
export function usualRefusal(requests: readonly RequestRecord[], route: string): string | null {
  const limited = requests.filter((each) => each.route === route && outcomeOf(each) === "limited");
  const refusals = limited.filter(({ limits }) => (limits?.refused_by ?? null) !== null);
  if (refusals.length * 2 < limited.length) return null;
  return mostFrequent(refusals.map(({ limits }) => limits?.refused_by ?? null));
}

function mostFrequent(words: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const word of words) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1);
  const [first] = [...counts].toSorted(([, left], [, right]) => right - left);
  return first?.[0] ?? null;
}
