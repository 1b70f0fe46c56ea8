import type { MetricSpec } from "./metric-spec.ts";

export const labelMetrics = {
  "switchyard.labels": {
    kind: "counter",
    unit: "{label}",
    required: ["switchyard.label.source", "switchyard.label.check", "switchyard.label.verdict"],
    optional: ["switchyard.route", "switchyard.backend"],
    description: "Judgements of answers that this router took or made, by source and verdict",
  },
  "switchyard.golden.requests": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.outcome"],
    optional: ["switchyard.route", "switchyard.backend"],
    description: "Replays of golden sets, which no other metric of requests or attempts counts",
  },
  "switchyard.golden.cost_usd": {
    kind: "counter",
    unit: "{USD}",
    required: [],
    optional: ["switchyard.route", "switchyard.backend"],
    description: "What replays of golden sets cost, which no other metric of costs counts",
  },
} as const satisfies Record<string, MetricSpec>;
