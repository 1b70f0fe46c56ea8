import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { planFindings } from "../../../../src/policy/plans/plan-input.ts";

test("docs/plans.md has a row for every finding, and for no other", () => {
  const rows = readFileSync("docs/plans.md", "utf8").matchAll(/^\| `(\w+)`/gm);
  const documented = Array.from(rows, ([, code]) => code);
  expect(new Set(documented)).toEqual(new Set(Object.keys(planFindings)));
});
