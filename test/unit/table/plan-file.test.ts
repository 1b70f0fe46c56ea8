import { describe, expect, it } from "vitest";
import { readAbilityFile, readPlanFile } from "../../../src/table/index.ts";
import { certificate, plan, planEntry } from "../../support/plan-entry.ts";

/** The text of a file with the pooled plan, one member of which is written as given. */
function fileWith(member: string, text: string): string {
  const current = { ...plan(), prior: [0, 0], [member]: "@" };
  return JSON.stringify({ version: 1, plans: [planEntry({ current })] }).replace('"@"', text);
}

const twice = JSON.stringify([
  { backend: "small", handicap: 0 },
  { backend: "small", handicap: 1 },
]);
const held = (handicap: string): string => `[{"backend": "small", "handicap": ${handicap}}]`;

describe("a file of plans", () => {
  it("is read as it is written", () => {
    expect(readPlanFile(fileWith("lambda", "10"))).toMatchObject({ ok: true });
  });

  it.each([
    ["lambda", "-1"],
    ["lambda", "1e999"],
    ["lambda", "1e300"],
    ["lambda", "NaN"],
    ["candidates", held("-0.1")],
    ["candidates", held("1e999")],
    ["candidates", held("1e300")],
    ["candidates", "[]"],
    ["candidates", twice],
    ["prior", "[1e308, -1e308]"],
    ["prior", "[1e999, 0]"],
    ["certificate", JSON.stringify(certificate({ floorPercent: 101 }))],
    ["certificate", JSON.stringify(certificate({ lowerBound: -1 }))],
    ["certificate", JSON.stringify(certificate({ confidence: 1 }))],
  ])("is refused with %s %s", (member, text) => {
    expect(readPlanFile(fileWith(member, text))).toMatchObject({ ok: false });
  });
});

it.each(["1e999", "1e300", "-1e300"])(
  "a file of abilities is refused with a weight of %s",
  (weight) => {
    const ability = {
      backend: "small",
      model: "a".repeat(64),
      weights: [0, "@"],
      labels: 9,
      fittedAt: 0,
    };
    const text = JSON.stringify({ version: 1, abilities: [ability] });
    expect(readAbilityFile(text.replace('"@"', weight))).toMatchObject({ ok: false });
    expect(readAbilityFile(text.replace('"@"', "1"))).toMatchObject({ ok: true });
  },
);
