import { describe, expect, it } from "vitest";
import { kstatusOf, type Kstatus } from "../../support/kstatus.ts";

const condition = (text: string) => {
  const [type = "", status = ""] = text.split("=");
  return { type, status };
};

const resource = (generation: number, observed: number | undefined, ...conditions: string[]) => ({
  metadata: { generation },
  status: {
    ...(observed === undefined ? {} : { observedGeneration: observed }),
    conditions: conditions.map(condition),
  },
});

describe("kstatus, as its rules are published", () => {
  it.each<[string, Parameters<typeof kstatusOf>[0], Kstatus]>([
    ["nothing said", { metadata: { generation: 1 } }, "Current"],
    ["no generation observed", resource(1, undefined), "Current"],
    ["an older generation observed", resource(2, 1, "Ready=True"), "InProgress"],
    ["none observed yet", resource(1, -1), "InProgress"],
    ["an older generation, stalled", resource(2, 1, "Stalled=True"), "InProgress"],
    ["reconciling", resource(1, 1, "Reconciling=True", "Ready=True"), "InProgress"],
    ["not reconciling", resource(1, 1, "Reconciling=False", "Ready=True"), "Current"],
    ["stalled", resource(1, 1, "Ready=True", "Stalled=True"), "Failed"],
    ["not stalled", resource(1, 1, "Stalled=False"), "Current"],
    ["ready", resource(1, 1, "Ready=True"), "Current"],
    ["not ready", resource(1, 1, "Ready=False"), "InProgress"],
    ["ready or not", resource(1, 1, "Ready=Unknown"), "InProgress"],
    [
      "deleted, whatever else",
      { metadata: { generation: 2, deletionTimestamp: "2027-03-04T05:06:07Z" } },
      "Terminating",
    ],
  ])("of a resource with %s is %s", (_, seen, wanted) => {
    expect(kstatusOf(seen)).toBe(wanted);
  });
});
