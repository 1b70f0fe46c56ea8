import { doublingFrom, type MetricSpec } from "./metric-spec.ts";

/** What is counted of tenants' limits. */
export const limitMetrics = {
  "switchyard.limits.decisions": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.limits.action"],
    optional: ["switchyard.tenant"],
    description: "Requests of tenants with limits, by what these did",
  },
  "switchyard.limits.exceeded": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.limit", "switchyard.limits.action"],
    optional: ["switchyard.tenant"],
    description: "Requests for which a limit had no room, by the limit and what was done",
  },
  "switchyard.limits.used": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.tenant", "switchyard.limit"],
    optional: [],
    description:
      "Spent and reserved of a budget in its current window, in USD or tokens, as the router last saw it",
  },
  "switchyard.limits.budget": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.tenant", "switchyard.limit"],
    optional: [],
    description: "What may be spent of a budget within a window, in USD or tokens",
  },
  "switchyard.limits.reservations": {
    required: [],
    optional: [],
    kind: "gauge",
    unit: "{reservation}",
    description: "Reservations of the router that are not settled",
  },
  "switchyard.limits.store.duration": {
    kind: "histogram",
    unit: "s",
    boundaries: doublingFrom(0.000125, 14),
    required: ["switchyard.store.operation"],
    optional: [],
    description: "How long the shared store took to answer",
  },
  "switchyard.limits.store.failures": {
    kind: "counter",
    unit: "{call}",
    required: ["switchyard.store.operation"],
    optional: [],
    description: "Calls of the shared store that failed or were late",
  },
  "switchyard.limits.store.away": {
    required: [],
    optional: [],
    kind: "gauge",
    unit: "1",
    description: "1 while the shared store does not answer and is not asked, else 0",
  },
  "switchyard.limits.store.unsettled": {
    required: [],
    optional: [],
    kind: "gauge",
    unit: "{settlement}",
    description: "Settlements that have not reached the shared store",
  },
  "switchyard.limits.store.lost": {
    kind: "counter",
    unit: "{settlement}",
    required: ["switchyard.loss.reason"],
    optional: [],
    description:
      "Settlements that were given up: too many waited (`full`), the store refuses what is asked of the tenant's keys (`refused`), or one might have counted twice (`unsure`)",
  },
} as const satisfies Record<string, MetricSpec>;
