import { ProviderError } from "../providers/index.ts";
import type { Attempt } from "./attempt.ts";
import type { OpenStream } from "./open-stream.ts";
import type { RouterParts } from "./parts.ts";

interface Bounded {
  answer: OpenStream;
  attempt: Attempt;
  /** By the clock's `elapsed()`. */
  deadline: number;
}

/**
 * Content must keep coming, and the whole must end within the backend's `total` and the route's. Only
 * the former speaks against the backend, and not where the client has kept it waiting.
 */
export function boundStream(
  { answer: { scope }, attempt, deadline }: Bounded,
  wasWaitedFor: () => boolean,
  { clock }: RouterParts,
): void {
  const { idleMs, totalMs } = attempt.backend.timeouts;
  const now = clock.elapsed();
  const ownEnd = attempt.startedAt + totalMs;
  const routeEnds = deadline < ownEnd;
  const message = routeEnds
    ? "The route's total timeout passed before the stream's end"
    : `The stream did not end within ${totalMs} ms`;
  scope.boundWhole(Math.min(ownEnd, deadline) - now, () => {
    const says = routeEnds || wasWaitedFor() ? { counts: false as const } : {};
    return new ProviderError("timeout", message, says);
  });
  scope.watchdog.arm(
    idleMs,
    () => new ProviderError("stream_broken", `The stream fell silent for ${idleMs} ms`),
  );
}
