import type { Attempt } from "./attempt.ts";
import type { RouterParts } from "./parts.ts";

/**
 * Takes the attempt's place at its backend.
 *
 * @param signal ends the wait, which the attempt's own bound includes
 * @returns a promise only where the attempt has to wait
 * @throws ProviderError `backend_busy`; a promise rejects with it or with the signal's reason
 */
export function takePlace(
  attempt: Attempt,
  signal: AbortSignal,
  { places, clock }: RouterParts,
): Promise<void> | undefined {
  const taken = places.take(attempt.backend, signal);
  if (!(taken instanceof Promise)) {
    attempt.place = taken;
    return undefined;
  }
  attempt.queuedMs = null;
  return taken.then((place) => {
    attempt.place = place;
    attempt.queuedMs = clock.elapsed() - attempt.startedAt;
  });
}
