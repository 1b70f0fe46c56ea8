import type { ClassConfig } from "../operator-config.ts";

/** Seconds for Services and load balancers to hear that a pod goes, in which it still serves. */
export const preStopSeconds = 10;

/** Seconds for the last records, then spans and metrics, after the last request: each has a bound of its own. */
const flushSeconds = 20;

/**
 * After so many seconds the kubelet kills a router that is to stop; one that has drained ends sooner.
 *
 * By the class alone: this stands in the pod template, so what a table says of timeouts must not enter
 * it, or the edit of a route would replace the pods of its whole group.
 */
export function graceSeconds({ drainSeconds }: Pick<ClassConfig, "drainSeconds">): number {
  return preStopSeconds + drainSeconds + flushSeconds;
}
