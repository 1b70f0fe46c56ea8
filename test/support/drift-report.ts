import type { DriftFinding, DriftReport, RouteDrift } from "../../src/table/index.ts";

const day = 86_400_000;

/** Of a report's samples: an hour after the last of 28 whole days. */
const lookedAt = Date.UTC(2026, 10, 28, 1);

export const driftFinding = (given: Partial<DriftFinding> = {}): DriftFinding => ({
  key: { route: "assistant", backend: "large", tenant: null },
  signal: "latency",
  state: "drifted",
  statistic: "p50",
  category: null,
  score: 0.31,
  threshold: 0.15,
  direction: "up",
  samples: 3_200,
  pValue: 0.0002,
  qValue: 0.001,
  changedAt: lookedAt - 2 * day,
  cause: { fact: "region", from: "us-east-1", to: "eu-west-1", share: 0.8 },
  source: null,
  estimated: false,
  reference: { p50: 0.8, p95: 2.1, share: null, n: 81_000 },
  current: { p50: 1.1, p95: 2.9, share: null, n: 3_200 },
  sentence: "Total latency of large rose by 37 % at the median.",
  ...given,
});

export const routeDrift = (given: Partial<RouteDrift> = {}): RouteDrift => ({
  latency: { state: "drifted", sentence: "Total latency of large rose by 37 % at the median." },
  accuracy: null,
  envelope: null,
  pinned: null,
  series: [driftFinding()],
  left: 0,
  ...given,
});

export const driftReport = (routes: Readonly<Record<string, RouteDrift>> = {}): DriftReport => ({
  version: 1,
  lookedAt,
  from: lookedAt - 29 * day,
  to: lookedAt,
  source: "Prometheus",
  routes: { ...routes },
  missing: [],
});
