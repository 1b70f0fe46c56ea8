import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiErrors } from "../../src/openai/index.ts";
import { providerErrors } from "../../src/providers/index.ts";

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const [, routers = "", providers = ""] = page.split(/^## /m);

const countsColumn: Readonly<Record<string, string>> = {
  true: "yes",
  false: "no",
  in_share: "in share",
};

/** The rows of a section's table, as cells without their back-quotes. */
function rows(section: string): string[][] {
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

describe("docs/errors.md", () => {
  it("documents every code that the router answers with, and no other", () => {
    const documented = rows(routers).map(([code, status, type]) => [code, Number(status), type]);
    const coded = Object.entries(apiErrors).map(([code, { status, type }]) => [code, status, type]);
    expect(documented).toEqual(coded);
  });

  it("documents every provider code with all that follows from it, and no other", () => {
    const coded = Object.entries(providerErrors).map(([code, traits]) => [
      code,
      String(traits.status),
      traits.type,
      traits.clientCode,
      traits.retryable ? "yes" : "no",
      traits.fallback ?? "–",
      countsColumn[String(traits.counts)],
    ]);
    expect(rows(providers).map((cells) => cells.slice(0, 7))).toEqual(coded);
  });

  it("says something of each", () => {
    const said = [...rows(routers), ...rows(providers)].map((cells) => cells.at(-1) ?? "");
    expect(said.filter((sentence) => !sentence.endsWith("."))).toEqual([]);
  });
});
