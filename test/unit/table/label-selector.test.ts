import { describe, expect, test } from "vitest";

import { matchesLabels, type LabelSelector } from "../../../src/table/index.ts";

const labels = { team: "search", stage: "prod", empty: "" };

describe("a label selector", () => {
  const cases: [string, LabelSelector, boolean][] = [
    ["an empty one matches everything", {}, true],
    ["so do empty parts", { matchLabels: {}, matchExpressions: [] }, true],
    ["equal labels", { matchLabels: { team: "search", stage: "prod" } }, true],
    ["one label of two", { matchLabels: { team: "search", stage: "dev" } }, false],
    ["an absent label", { matchLabels: { owner: "me" } }, false],
    ["an empty value is a value", { matchLabels: { empty: "" } }, true],
    ["what every object inherits is no label", { matchLabels: { constructor: "Object" } }, false],
    [
      "In",
      { matchExpressions: [{ key: "team", operator: "In", values: ["ads", "search"] }] },
      true,
    ],
    [
      "In other values",
      { matchExpressions: [{ key: "team", operator: "In", values: ["ads"] }] },
      false,
    ],
    [
      "In of an absent label",
      { matchExpressions: [{ key: "owner", operator: "In", values: ["me"] }] },
      false,
    ],
    [
      "NotIn",
      { matchExpressions: [{ key: "team", operator: "NotIn", values: ["search"] }] },
      false,
    ],
    [
      "NotIn other values",
      { matchExpressions: [{ key: "team", operator: "NotIn", values: ["ads"] }] },
      true,
    ],
    [
      "NotIn of an absent label",
      { matchExpressions: [{ key: "owner", operator: "NotIn", values: ["me"] }] },
      true,
    ],
    ["Exists", { matchExpressions: [{ key: "empty", operator: "Exists" }] }, true],
    [
      "Exists of an absent label",
      { matchExpressions: [{ key: "toString", operator: "Exists" }] },
      false,
    ],
    ["DoesNotExist", { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }, false],
    [
      "DoesNotExist of an absent label",
      { matchExpressions: [{ key: "owner", operator: "DoesNotExist" }] },
      true,
    ],
    [
      "labels and expressions must all hold",
      {
        matchLabels: { team: "search" },
        matchExpressions: [{ key: "stage", operator: "In", values: ["dev"] }],
      },
      false,
    ],
    [
      "two expressions on one label must both hold",
      {
        matchExpressions: [
          { key: "stage", operator: "Exists" },
          { key: "stage", operator: "NotIn", values: ["prod"] },
        ],
      },
      false,
    ],
  ];
  test.each(cases)("%s", (_name, selector, matches) => {
    expect(matchesLabels(selector, labels)).toBe(matches);
  });
});
