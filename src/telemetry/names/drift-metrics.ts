import type { MetricSpec } from "./metric-spec.ts";

const ofSeries = {
  required: ["switchyard.route", "switchyard.backend", "switchyard.signal"],
  optional: ["switchyard.tenant", "switchyard.namespace", "switchyard.class"],
} as const;

/** What the last look for drift found, for each series that it looked at. */
export const driftMetrics = {
  "switchyard.drift.score": {
    ...ofSeries,
    kind: "gauge",
    unit: "1",
    description: "How far a signal's distribution lies from its reference, as last looked at",
  },
  "switchyard.drift.threshold": {
    ...ofSeries,
    kind: "gauge",
    unit: "1",
    description: "The score from which on a signal counts as drifted",
  },
  "switchyard.drift.samples": {
    ...ofSeries,
    kind: "gauge",
    unit: "{sample}",
    description: "Samples that the last look for drift had of a signal",
  },
  "switchyard.drift.state": {
    ...ofSeries,
    kind: "gauge",
    unit: "1",
    required: [...ofSeries.required, "switchyard.state"],
    description: "1 for the state that a signal is in, 0 for the others",
  },
} as const satisfies Record<string, MetricSpec>;
