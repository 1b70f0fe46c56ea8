import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../system/faults/outcome.ts";
import { rows, type Row } from "../system/faults/rows.ts";

const page = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
const section = page.split(/^## /m).find((each) => each.startsWith("What each fault"));

describe("docs/faults.md", () => {
  it("tells what each fault of the matrix comes to, and of no other", () => {
    const told = section
      ?.split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map(([, ...cells]) => cells.slice(0, 3));
    expect(told?.slice(2)).toEqual(
      rows.map((row) => [row.fault, cellOf(row, "whole"), cellOf(row, "stream")]),
    );
  });
});

function cellOf(row: Row, form: "whole" | "stream"): string {
  const special = row.sageMaker?.[form];
  const usual = words(row[form]);
  return special === undefined ? usual : `${usual}; of SageMaker ${words(special)}`;
}

function words(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "–";
  if (outcome.kind === "answered") return "answered";
  const band = outcome.kind === "breaks" ? "in band, " : "";
  const bound = outcome.bound === undefined ? "" : ` by ${outcome.bound}`;
  return `${band}\`${outcome.code}\`${bound}`;
}
