import type { MetricRegistry } from "./registry.ts";

const states = ["closed", "half_open", "open"] as const;

/** A backend as metrics show it. */
export interface BackendReading {
  backend: string;
  state: (typeof states)[number];
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
}

export function countEjection(registry: MetricRegistry, backend: string, reason: string): void {
  const labels = { "switchyard.backend": backend, "switchyard.ejection.reason": reason };
  registry.number("switchyard.backend.ejections", labels).add(1);
}
