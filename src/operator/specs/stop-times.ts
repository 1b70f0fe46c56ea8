import type { GroupContext } from "../group.ts";

/** Seconds for Services and load balancers to hear that a pod goes, in which it still serves. */
export const preStopSeconds = 10;

/** Seconds for the last records, spans and metrics, after the last request. */
const flushSeconds = 15;

/**
 * A timeout is rounded up to one of these seconds, because it stands in the pod template: otherwise
 * every edit of a timeout would replace the pods of the whole group.
 */
const steps = [120, 300, 600, 1_200, 1_800, 3_600] as const;
const longestStep = 3_600;

interface StopTimes {
  /** How long a router that stops lets requests go on: none is cut off that its timeout would allow. */
  drainSeconds: number;
  /** When the kubelet kills what is still there; a router that has drained ends sooner. */
  graceSeconds: number;
}

export function stopTimes({
  config,
  longestTimeoutMs,
}: Pick<GroupContext, "config" | "longestTimeoutMs">): StopTimes {
  const requestSeconds = steps.find((step) => step * 1_000 >= longestTimeoutMs) ?? longestStep;
  return {
    drainSeconds: Math.max(config.drainSeconds, requestSeconds),
    graceSeconds: preStopSeconds + requestSeconds + config.drainSeconds + flushSeconds,
  };
}
