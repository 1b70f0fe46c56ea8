interface ConditionEntry {
  meaning: string;
  /** True means that something is out of order; in good times the condition is absent, or False where it is looked for. */
  abnormal: boolean;
}

const normal = (meaning: string): ConditionEntry => ({ meaning, abnormal: false });

const abnormal = (meaning: string): ConditionEntry => ({ meaning, abnormal: true });

/** The condition types of the kinds' status. */
export const conditionTypes = {
  Accepted: normal("The resource is valid and is used."),
  ResolvedRefs: normal("Everything that the resource refers to exists and may be used."),
  Programmed: normal(
    "A router of the group is ready, and every ready one has loaded a table that holds this generation.",
  ),
  Ready: normal("The resource does what it is there for."),
  Reconciling: abnormal("The operator is still at work on this generation."),
  Stalled: abnormal(
    "A mistake in the resource, which waiting cannot mend, keeps this generation out.",
  ),
  EnvelopeMissed: abnormal("Requests of the route are served outside its envelope."),
  LatencyDrift: abnormal("Latency has moved further than the route's bounds allow."),
  AccuracyDrift: abnormal("Accuracy has fallen further than the route's bounds allow."),
} as const satisfies Record<string, ConditionEntry>;

export type ConditionType = keyof typeof conditionTypes;

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

/** What the drift job says, and nobody else. */
export const driftConditionTypes = [
  "EnvelopeMissed",
  "LatencyDrift",
  "AccuracyDrift",
] as const satisfies readonly ConditionType[];
