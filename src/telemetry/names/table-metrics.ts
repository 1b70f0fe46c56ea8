import { doublingFrom, type MetricSpec } from "./metric-spec.ts";

const plain = { required: [], optional: [] } as const;

/** The table in use, how it came, and how fresh it is. */
export const tableMetrics = {
  "switchyard.table.info": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.table.digest"],
    optional: [],
    description: "1, for the table in use",
  },
  "switchyard.table.age": {
    ...plain,
    kind: "gauge",
    unit: "s",
    description: "Time since the table in use was adopted",
  },
  "switchyard.table.unconfirmed": {
    ...plain,
    kind: "gauge",
    unit: "s",
    description:
      "Time since the router last heard from its source that the table in use is the one published",
  },
  "switchyard.config.propagation": {
    ...plain,
    kind: "histogram",
    unit: "s",
    boundaries: doublingFrom(0.01, 14),
    description: "Time from a table's publication to its adoption by this router",
  },
  "switchyard.table.routes": {
    ...plain,
    kind: "gauge",
    unit: "{route}",
    description: "Routes in the table in use",
  },
  "switchyard.table.backends": {
    ...plain,
    kind: "gauge",
    unit: "{backend}",
    description: "Backends in the table in use",
  },
  "switchyard.table.tenants": {
    ...plain,
    kind: "gauge",
    unit: "{tenant}",
    description: "Tenants in the table in use",
  },
  "switchyard.table.loads": {
    ...plain,
    kind: "counter",
    unit: "{table}",
    description: "Tables adopted",
  },
  "switchyard.table.refusals": {
    kind: "counter",
    unit: "{table}",
    required: ["switchyard.refusal"],
    optional: [],
    description: "Tables refused, by reason",
  },
} as const satisfies Record<string, MetricSpec>;
