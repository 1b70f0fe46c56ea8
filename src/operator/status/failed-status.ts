import { instantText } from "./draft-status.ts";
import type { ResourceStatus } from "./status.ts";

interface FailedInput {
  /** Of the resource as it is now. */
  generation: number;
  previous: ResourceStatus | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

const message =
  "The operator could not look after the route's group: Events of the group's ConfigMap or routes say why. Routers serve what they served before, and the operator tries again.";

/**
 * The status of a route whose group could not be looked after. What was said before stands, for the
 * generation that it was said of: nothing newer is known.
 */
export function withFailure({ generation, previous, now }: FailedInput): ResourceStatus {
  const { conditions = [], ...figures } = previous ?? { observedGeneration: 0 };
  const before = conditions.find(({ type }) => type === "Reconciling");
  return {
    ...figures,
    conditions: [
      // Waiting may mend it after all.
      ...conditions.filter(({ type }) => type !== "Reconciling" && type !== "Stalled"),
      {
        type: "Reconciling",
        status: "True",
        reason: "NotReconciled",
        message,
        observedGeneration: generation,
        lastTransitionTime: before?.lastTransitionTime ?? instantText(now),
      },
    ],
  };
}
