import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { planFindings } from "../../../../src/policy/plans/plan-input.ts";

test("docs/plans.md has a row for every finding, and for no other", () => {
  const [, section = ""] = readFileSync("docs/plans.md", "utf8").split("## What it finds\n");
  const [table = ""] = section.split("\n## ");
  const rows = table.matchAll(/^\| `(\w+)`/gm);
  const documented = Array.from(rows, ([, code]) => code);
  expect(new Set(documented)).toEqual(new Set(Object.keys(planFindings)));
});
