import { z } from "zod";
import { invariant } from "./invariant.ts";
import { list, set } from "./lists.ts";

const labelKey = () =>
  z
    .string()
    .max(317)
    .regex(
      /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
      "write the key of a label, such as team or example.com/team",
    );

const labelValue = () =>
  z
    .string()
    .max(63)
    .regex(
      /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
      "write the value of a label: letters, digits, - _ and .",
    );

const expression = invariant(
  z
    .strictObject({
      key: labelKey().describe("The key of the label."),
      operator: z
        .enum(["In", "NotIn", "Exists", "DoesNotExist"])
        .describe("How the label is compared: In or NotIn the values, Exists or DoesNotExist."),
      values: set(labelValue().describe("A value of the label."), { max: 32 })
        .describe("The values to compare with; for In and NotIn only.")
        .exactOptional(),
    })
    .describe("A condition on one label."),
  {
    cel: "(has(self.values) && size(self.values) > 0) == (self.operator in ['In', 'NotIn'])",
    message:
      "Give values where the operator is In or NotIn, and none where it is Exists or DoesNotExist.",
    at: "values",
    holds: (each) =>
      (each.values ?? []).length > 0 === (each.operator === "In" || each.operator === "NotIn"),
  },
);

/** Kubernetes' own label selector; without members it matches everything. */
export const labelSelector = z
  .strictObject({
    matchLabels: z
      .record(z.string(), labelValue().describe("The value that the label must have."))
      .refine((labels) => Object.keys(labels).length <= 32, "keep to 32 labels at most")
      .meta({ maxProperties: 32 })
      .describe("The labels that a route must have, each with its value.")
      .exactOptional(),
    matchExpressions: list(expression, { max: 16 })
      .describe("Further conditions on labels, all of which must hold.")
      .exactOptional(),
  })
  .describe(
    "Chooses routes by their labels. An empty selector, {}, chooses every route of the namespace.",
  );
