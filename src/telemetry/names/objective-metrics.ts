import type { MetricSpec } from "./metric-spec.ts";

/** What routes promise, and whether they keep it. */
export const objectiveMetrics = {
  "switchyard.objective.requests": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.route", "switchyard.objective", "switchyard.objective.result"],
    optional: [],
    description:
      "Requests that the envelope promised something, by whether it was kept: that of the route, within the tenant's ceilings, as it stood for the request",
  },
  "switchyard.route.objective": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.route", "switchyard.objective"],
    optional: ["switchyard.assurance"],
    description:
      "What a route promises: seconds for `first_token` and `total`, USD for `cost`, a share of the baseline's correctness for `quality`",
  },
} as const satisfies Record<string, MetricSpec>;
