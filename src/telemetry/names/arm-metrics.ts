import type { MetricSpec } from "./metric-spec.ts";

const ofPlan = { required: ["switchyard.route"], optional: ["switchyard.tenant"] } as const;
const ofPlace = ["switchyard.route", "switchyard.tenant"] as const;

/** What measures the choice of models while it serves: shadows, labels, and what the plans say of themselves. */
export const armMetrics = {
  "switchyard.shadows": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.shadow.outcome"],
    optional: ["switchyard.route"],
    description: "Requests that were drawn for a shadow, by what became of it",
  },
  "switchyard.comparisons": {
    kind: "counter",
    unit: "{comparison}",
    required: ["switchyard.comparison.outcome"],
    optional: ["switchyard.route"],
    description:
      "Comparisons of a shadow's answer with the one that was sent, by what came of them",
  },
  "switchyard.quality.answers": {
    kind: "counter",
    unit: "{answer}",
    required: ["switchyard.answer.role"],
    optional: ofPlace,
    description:
      "Answers that were compared with a shadow's, and these, by their role; one that the baseline served counts in both",
  },
  "switchyard.quality.score": {
    kind: "counter",
    unit: "1",
    required: ["switchyard.answer.role"],
    optional: ofPlace,
    description:
      "Sum of their scores from 0 to 1: that of `served` over that of `baseline` is the share of quality kept",
  },
  "switchyard.plan.quality_kept": {
    ...ofPlan,
    kind: "gauge",
    unit: "1",
    required: ["switchyard.route", "switchyard.bound"],
    description:
      "Share of the baseline's correctness that the plan keeps, as the plan job last measured it",
  },
  "switchyard.plan.cost_saved": {
    ...ofPlan,
    kind: "gauge",
    unit: "1",
    required: ["switchyard.route", "switchyard.bound"],
    description:
      "Share of the baseline's cost that the plan saves, shadows and judging charged, as last measured",
  },
  "switchyard.plan.certificate_expiry": {
    ...ofPlan,
    kind: "gauge",
    unit: "s",
    required: ["switchyard.route", "switchyard.plan.rollout"],
    description: "Time until the plan's certificate expires; negative where it has",
  },
  "switchyard.plan.share": {
    ...ofPlan,
    kind: "gauge",
    unit: "1",
    required: ["switchyard.route", "switchyard.plan.rollout"],
    description: "Share of the requests that are to follow the plan",
  },
} as const satisfies Record<string, MetricSpec>;
