import type { Labels, MetricRegistry } from "./registry.ts";

/** What the last look for drift found of one series. */
export interface DriftReading {
  /** Of the group, where several are told of by one process. */
  group?: { namespace: string; routerClass: string };
  route: string;
  backend: string;
  tenant: string | null;
  signal: string;
  state: "ok" | "drifted" | "insufficient";
  /** Null where nothing could be compared. */
  score: number | null;
  threshold: number | null;
  samples: number;
}

/** How long ago a group's drift job last looked. */
export interface DriftAge {
  namespace: string;
  routerClass: string;
  seconds: number;
}

const states = ["ok", "drifted", "insufficient"] as const;

/** Has the gauges of drift read whenever metrics are collected. @param read the gravest first: what is past the bound is left out */
export function watchDrift(registry: MetricRegistry, read: () => readonly DriftReading[]): void {
  const each = (valueOf: (reading: DriftReading) => number | null) => () =>
    read().flatMap((reading) => {
      const value = valueOf(reading);
      return value === null ? [] : [{ value, labels: labelsOf(reading) }];
    });
  registry.readEach(
    "switchyard.drift.score",
    each(({ score }) => score),
  );
  registry.readEach(
    "switchyard.drift.threshold",
    each(({ threshold }) => threshold),
  );
  registry.readEach(
    "switchyard.drift.samples",
    each(({ samples }) => samples),
  );
  registry.readEach("switchyard.drift.state", () =>
    read().flatMap((reading) =>
      states.map((state) => ({
        value: reading.state === state ? 1 : 0,
        labels: { ...labelsOf(reading), "switchyard.state": state },
      })),
    ),
  );
}

/** Has the age of what drift jobs found read whenever metrics are collected. */
export function watchDriftAges(registry: MetricRegistry, read: () => readonly DriftAge[]): void {
  registry.readEach("switchyard.drift.age", () =>
    read().map(({ namespace, routerClass, seconds }) => ({
      value: seconds,
      labels: { "switchyard.namespace": namespace, "switchyard.class": routerClass },
    })),
  );
}

function labelsOf({ group, route, backend, tenant, signal }: DriftReading): Labels {
  return {
    ...(group === undefined
      ? {}
      : { "switchyard.namespace": group.namespace, "switchyard.class": group.routerClass }),
    "switchyard.route": route,
    "switchyard.backend": backend,
    "switchyard.signal": signal,
    ...(tenant === null ? {} : { "switchyard.tenant": tenant }),
  };
}
