import type { BackendEntry, Envelope } from "../table/index.ts";

/** A backend is slow only where it breaks what it is expected to do by this factor. */
const tolerance = 2;

/**
 * Whether a stream's first token came too late: after the route's `firstTokenP95` and after twice
 * the backend's own. A route's tight envelope alone must not take a backend away from other routes.
 */
export function isSlowStart(backend: BackendEntry, envelope: Envelope, waitedMs: number): boolean {
  const expected = tolerance * backend.expectations.firstTokenP95Ms;
  return waitedMs > Math.max(expected, envelope.firstTokenP95Ms ?? 0);
}

/** The same of an answer that came whole: its length is taken into account. */
export function isSlowAnswer(
  backend: BackendEntry,
  envelope: Envelope,
  { totalMs, outputTokens }: { totalMs: number; outputTokens: number },
): boolean {
  const { firstTokenP95Ms, tokensPerSecond } = backend.expectations;
  const expected = tolerance * (firstTokenP95Ms + (outputTokens * 1_000) / tokensPerSecond);
  return totalMs > Math.max(expected, envelope.totalP95Ms ?? 0);
}
