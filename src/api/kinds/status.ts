import { z } from "zod";
import { conditionTypes } from "../vocabulary/conditions.ts";
import { keyedList } from "./lists.ts";

const generation = () => z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Below every generation: of a resource without it, kstatus would say that it is done before anybody saw it. */
const neverObserved = -1;

/** The status of a resource that is new, which the API server fills in. */
export const newStatus = { observedGeneration: neverObserved };

const count = () => z.int().min(0).max(100_000);

/** Conditions as Kubernetes' own types have them (metav1.Condition). */
const condition = z
  .strictObject({
    type: z
      .string()
      .max(316)
      .describe(
        `What the condition says something about: ${Object.keys(conditionTypes).join(", ")}.`,
      ),
    status: z
      .enum(["True", "False", "Unknown"])
      .describe("Whether the condition holds: True, False or Unknown."),
    observedGeneration: generation().describe(
      "The generation of the resource that the condition was judged on.",
    ),
    lastTransitionTime: z.iso
      .datetime({ offset: true })
      .max(64)
      .describe("When the status last changed, in RFC 3339."),
    reason: z.string().min(1).max(1_024).describe("Why, in one word that programs may match on."),
    message: z.string().max(32_768).describe("Why, in a sentence that says what to do."),
  })
  .describe("One judgement of the operator on the resource.");

const common = {
  observedGeneration: z
    .int()
    .min(neverObserved)
    .max(Number.MAX_SAFE_INTEGER)
    .describe(
      "The newest generation of the resource that the operator has looked at; -1 where it has looked at none.",
    )
    .exactOptional(),
  conditions: keyedList(condition, { key: "type", max: 16 })
    .describe("The operator's judgements on the resource.")
    .exactOptional(),
};

const statusOf = (description: string) => z.strictObject(common).describe(description);

export const statusSchemas = {
  ModelBackend: statusOf("What the operator says of the backend."),
  TenantPolicy: statusOf("What the operator says of the policy."),
  ModelRoute: z
    .strictObject({
      ...common,
      publishedGeneration: generation()
        .describe(
          "The generation of the route that the published table holds; an invalid edit leaves it behind.",
        )
        .exactOptional(),
      routers: z
        .strictObject({
          ready: count().describe("How many routers of the group are ready."),
          programmed: count().describe(
            "How many of them have loaded a table that holds the published generation.",
          ),
        })
        .describe("The routers that serve the route.")
        .exactOptional(),
      programmed: z
        .string()
        .max(32)
        .describe("The same for people: programmed of ready routers, such as 3/3.")
        .exactOptional(),
      drift: z
        .string()
        .max(64)
        .describe(
          "What has drifted, for people: None, Latency, Accuracy, or Latency and Accuracy; Unknown where too little is known to tell, absent where nothing is watched.",
        )
        .exactOptional(),
    })
    .describe("What the operator says of the route."),
};
