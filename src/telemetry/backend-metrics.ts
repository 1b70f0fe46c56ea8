import type { MetricName } from "./names.ts";
import type { MetricRegistry } from "./registry.ts";

const states = ["closed", "half_open", "open"] as const;

/** A backend as metrics show it. */
export interface BackendReading {
  backend: string;
  state: (typeof states)[number];
  /** Calls that are open, and requests that wait for a place. */
  inFlight: number;
  queued: number;
}

/** Has the backends' gauges read whenever metrics are collected. */
export function watchBackends(
  registry: MetricRegistry,
  read: () => readonly BackendReading[],
): void {
  registry.readEach("switchyard.backend.state", () =>
    read().flatMap(({ backend, state }) =>
      states.map((each) => ({
        value: each === state ? 1 : 0,
        labels: { "switchyard.backend": backend, "switchyard.state": each },
      })),
    ),
  );
  const readNumber = (name: MetricName, value: (reading: BackendReading) => number) =>
    registry.readEach(name, () =>
      read().map((each) => ({
        value: value(each),
        labels: { "switchyard.backend": each.backend },
      })),
    );
  readNumber("switchyard.backend.calls", ({ inFlight }) => inFlight);
  readNumber("switchyard.backend.queued", ({ queued }) => queued);
}

export function countEjection(registry: MetricRegistry, backend: string, reason: string): void {
  const labels = { "switchyard.backend": backend, "switchyard.ejection.reason": reason };
  registry.number("switchyard.backend.ejections", labels).add(1);
}
