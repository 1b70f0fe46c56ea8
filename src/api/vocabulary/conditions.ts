/** The condition types of the kinds' status. */
export const conditionTypes = {
  Accepted: "The resource is valid and is used.",
  ResolvedRefs: "Everything that the resource refers to exists and may be used.",
  Programmed:
    "A router of the group is ready, and every ready one has loaded a table that holds this generation.",
  Ready: "The resource does what it is there for.",
  Reconciling: "The operator is still at work on this generation.",
  Stalled: "A mistake in the resource, which waiting cannot mend, keeps this generation out.",
  EnvelopeMissed: "Requests of the route are served outside its envelope.",
  LatencyDrift: "Latency has moved further than the route's bounds allow.",
  AccuracyDrift: "Accuracy has fallen further than the route's bounds allow.",
} as const;

export type ConditionType = keyof typeof conditionTypes;

/** Types whose True means that something is out of order; they are absent in good times. */
export const abnormalConditions: readonly ConditionType[] = [
  "Reconciling",
  "Stalled",
  "EnvelopeMissed",
  "LatencyDrift",
  "AccuracyDrift",
];

export interface Condition {
  type: ConditionType;
  status: "True" | "False" | "Unknown";
  observedGeneration: number;
  /** RFC 3339; moves only when `status` does. */
  lastTransitionTime: string;
  /** A key of `reasons`. */
  reason: string;
  message: string;
}

export const annotations = {
  /** "true" freezes the published form of a route. */
  paused: "switchyard.dev/paused",
  /** Any value lifts the pin that accuracy drift has put on a route. */
  unpin: "switchyard.dev/unpin",
} as const;
