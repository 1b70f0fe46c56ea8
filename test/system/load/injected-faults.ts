import type { Fault, FaultKind } from "../../../src/simulators/index.ts";

/** Longer than the backends of the load tests wait. */
const beyondAllBoundsMs = 120_000;

const quick: readonly FaultKind[] = [
  "throttling",
  "internal-error",
  "service-unavailable",
  "model-error",
  "model-not-ready",
  "model-timeout",
  "access-denied",
  "expired-token",
  "validation-error",
  "resource-not-found",
  "service-quota",
  "cut",
  "reset",
  "empty",
  "empty-content",
  "stop-reason",
  "bad-crc",
  "exception-frame",
  "error-frame",
  "clean-end",
  "unknown-event",
  "less-skill",
];

/** Every kind of fault on all models, so that about three calls in ten meet one. */
export const allFaults: readonly Fault[] = [
  ...quick.map((kind): Fault => ({ model: "*", kind, share: 2 })),
  { model: "*", kind: "slow-first-token", share: 1, delayMs: 100 },
  // Few, since each lasts as long as the router bears it.
  { model: "*", kind: "slow-first-token", share: 1, count: 8, delayMs: beyondAllBoundsMs },
  { model: "*", kind: "stall", share: 1, count: 8, delayMs: beyondAllBoundsMs },
  { model: "*", kind: "trickle", share: 1, count: 8, delayMs: 1_000 },
];

/** Which of the router's codes an attempt may fail with because of a fault. */
export const explains: Readonly<Record<FaultKind, readonly string[]>> = {
  throttling: ["throttled"],
  "internal-error": ["internal"],
  "service-unavailable": ["unavailable"],
  "model-error": ["model_error"],
  "model-not-ready": ["model_not_ready"],
  "model-timeout": ["timeout"],
  "access-denied": ["access_denied"],
  "expired-token": ["access_denied"],
  "validation-error": ["invalid_request"],
  "resource-not-found": ["model_not_found"],
  // SageMaker tells an exceeded quota as throttling.
  "service-quota": ["quota_exceeded", "throttled"],
  "slow-first-token": ["slow_first_token", "timeout"],
  stall: ["slow_first_token", "stream_broken", "timeout"],
  cut: ["stream_broken", "connection_failed"],
  reset: ["connection_failed"],
  trickle: ["slow_first_token", "stream_broken", "timeout"],
  empty: ["empty_reply", "stream_broken", "malformed_reply"],
  "empty-content": ["empty_reply", "stream_broken"],
  "stop-reason": [],
  "bad-crc": ["stream_broken"],
  "exception-frame": ["stream_broken", "model_error"],
  "error-frame": ["stream_broken", "internal"],
  "clean-end": ["stream_broken"],
  "unknown-event": [],
  "less-skill": [],
};

/**
 * Faults that an answer may come through: it is late, filtered, none at all to who passes over what is new, empty because of its limit of length,
 * or had ended before the fault acted.
 */
export const survivable: ReadonlySet<string> = new Set<FaultKind>([
  "slow-first-token",
  "stop-reason",
  "empty-content",
  "stall",
  "trickle",
  "cut",
  "bad-crc",
  "clean-end",
  "unknown-event",
  "less-skill",
]);
