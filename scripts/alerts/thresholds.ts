interface ThresholdSpec {
  value: number;
  meaning: string;
}

/** What people may want otherwise: values of the chart, and their defaults. */
export const thresholds = {
  availabilityPercent: {
    value: 99.5,
    meaning: "Share of requests that a route must answer.",
  },
  minimumFailures: {
    value: 5,
    meaning: "Failed or late requests that a burn rate must rest on.",
  },
  minimumAttempts: {
    value: 10,
    meaning: "Attempts within five minutes that a verdict on a backend must rest on.",
  },
  backendSlowSeconds: {
    value: 1,
    meaning: "Seconds by which a backend must be slower than it usually is.",
  },
  backendSlowFactor: {
    value: 2,
    meaning: "How many times as slow as usual it must be besides.",
  },
  backendFailingPercent: {
    value: 10,
    meaning: "Share of a backend's attempts that fail for reasons of its own.",
  },
  backendThrottledPercent: {
    value: 10,
    meaning: "Share of a backend's attempts that it turns away.",
  },
  fallbackPercent: {
    value: 20,
    meaning: "Share of a route's requests that leave their first candidate.",
  },
  costAbovePlanPercent: {
    value: 10,
    meaning:
      "Cost beyond what the plan was measured to cost at most, as a share of the baseline's cost.",
  },
  qualityMinimumAnswers: {
    value: 30,
    meaning: "Compared answers that a verdict on quality must rest on.",
  },
  budgetPercent: {
    value: 90,
    meaning: "Share of a tenant's budget that is spent.",
  },
  tableStaleSeconds: {
    value: 180,
    meaning: "How long a router may not have heard whether its table is the one published.",
  },
  certificateDays: {
    value: 7,
    meaning: "Days before a plan's certificate expires.",
  },
  driftAgeHours: {
    value: 50,
    meaning: "Hours since the drift job last looked: two of its daily runs, and a little.",
  },
  unlabelledHours: {
    value: 24,
    meaning: "How long a Certified route may be without labels.",
  },
} as const satisfies Record<string, ThresholdSpec>;

export type Threshold = keyof typeof thresholds;
