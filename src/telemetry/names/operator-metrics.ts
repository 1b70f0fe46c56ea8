import { doublingFrom, type MetricSpec } from "./metric-spec.ts";

const plain = { required: [], optional: [] } as const;

/** What an operator counts; routers have none of these. */
export const operatorMetrics = {
  "switchyard.operator.leader": {
    ...plain,
    kind: "gauge",
    unit: "1",
    description: "1 where this process leads",
  },
  "switchyard.operator.reconcile.duration": {
    ...plain,
    kind: "histogram",
    unit: "s",
    boundaries: doublingFrom(0.005, 14),
    description: "Time to reconcile a namespace",
  },
  "switchyard.operator.reconcile.errors": {
    ...plain,
    kind: "counter",
    unit: "{reconcile}",
    description: "Reconciles that failed and are tried again",
  },
  "switchyard.operator.tables.published": {
    ...plain,
    kind: "counter",
    unit: "{table}",
    description: "Tables published",
  },
  "switchyard.operator.groups.failing": {
    ...plain,
    kind: "gauge",
    unit: "{group}",
    description: "Groups that could not be looked after the last time",
  },
  "switchyard.operator.namespaces.left": {
    ...plain,
    kind: "gauge",
    unit: "{namespace}",
    description: "Namespaces with resources that are left to another operator",
  },
  "switchyard.drift.age": {
    kind: "gauge",
    unit: "s",
    required: ["switchyard.namespace", "switchyard.class"],
    optional: [],
    description:
      "Time since the drift job of a group last looked; where it never has, since its report was made",
  },
  "switchyard.operator.statuses.written": {
    ...plain,
    kind: "counter",
    unit: "{status}",
    description: "Statuses written",
  },
} as const satisfies Record<string, MetricSpec>;
