// docs/runbooks.md against the alerts: a section for each, blocks that a shell can read, and no name of a
// metric or a recording that does not exist.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { thresholds } from "../../scripts/alerts/thresholds.ts";
import {
  attributes,
  metrics,
  prometheusLabel,
  prometheusName,
  type AttributeName,
  type MetricName,
} from "../../src/telemetry/index.ts";

interface Rule {
  alert?: string;
  record?: string;
}

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/runbooks.md");
const rulesText = read("docs/alerts/switchyard.rules.yaml");
const { groups } = parse(rulesText) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const namesOf = (kind: "alert" | "record"): string[] => [
  ...new Set(rules.flatMap((rule) => rule[kind] ?? [])),
];
const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);

const known = new Set([
  ...Object.keys(attributes).map((name) => prometheusLabel(name as AttributeName)),
  ...Object.entries(metrics).flatMap(([name, { kind }]) => {
    const shown = prometheusName(name as MetricName);
    return kind === "histogram"
      ? ["", "_bucket", "_sum", "_count"].map((end) => shown + end)
      : [shown];
  }),
]);

/** Names of metrics and labels in a text, but for those that recordings are made of. */
const unknownNames = (text: string): string[] =>
  [...text.matchAll(/(?<![\w:./-])(?:switchyard|gen_ai)_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !known.has(name));

describe("docs/runbooks.md", () => {
  it("has a section for each alert, in their order, and no other", () => {
    const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(sections).toEqual(namesOf("alert"));
  });

  it("gives each alert's section a block to run", () => {
    const sections = page.split(/^## /m).slice(1);
    expect(sections.filter((section) => !section.includes("```sh\n"))).toEqual([]);
  });

  it.each(blocks)("has blocks that a shell can read: %#", (block) => {
    const { status, stderr } = spawnSync("sh", ["-n"], { input: block, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("names only metrics and labels that exist, as the rules do", () => {
    expect(unknownNames(page)).toEqual([]);
    expect(unknownNames(rulesText)).toEqual([]);
  });

  it("names only recordings that there are", () => {
    const records = namesOf("record");
    const named = [...`${page}\n${rulesText}`.matchAll(/\b[a-z]+:switchyard_[\w:]+/g)].map(
      ([name]) => name,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !records.some((record) => record.startsWith(name)))).toEqual([]);
    const patterns = [...page.matchAll(/__name__=~'([^']+)'/g)].map(([, pattern = ""]) => pattern);
    for (const pattern of patterns)
      expect(
        records.filter((record) => new RegExp(`^${pattern}$`).test(record)),
        pattern,
      ).not.toEqual([]);
  });
});

describe("docs/alerts.md", () => {
  const overview = read("docs/alerts.md");

  it("has a row for each alert, in their order, and no other", () => {
    const rows = [...overview.matchAll(/^\| `(Switchyard\w+)`/gm)].map(([, name]) => name);
    expect(rows).toEqual(namesOf("alert"));
  });

  it("names every threshold", () => {
    const missing = Object.keys(thresholds).filter((name) => !overview.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
