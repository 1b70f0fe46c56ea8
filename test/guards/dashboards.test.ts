import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AttributeName,
  attributes,
  type MetricName,
  metrics,
  type MetricSpec,
  prometheusLabel,
  prometheusName,
} from "../../src/telemetry/index.ts";
import { root } from "./planted-tree.ts";
import { panelsOf, queriesOf, readDashboards } from "../support/dashboards/grafana-queries.ts";

const dashboards = readDashboards();

const labels = Object.keys(attributes).map((name) => prometheusLabel(name as AttributeName));
const names = Object.entries<MetricSpec>(metrics).flatMap(([name, { kind }]) => {
  const shown = prometheusName(name as MetricName);
  return kind === "histogram" ? ["_bucket", "_sum", "_count"].map((part) => shown + part) : [shown];
});
const known = new Set([...labels, ...names]);

/** Metrics and labels of ours that a text speaks of, and nobody has. */
const unknownIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:switchyard|gen_ai|error|otel)_\w+/g)]
    .map(([word]) => word)
    .filter((word) => !known.has(word));

const runbooks = new Set(
  [...readFileSync(join(root, "docs/runbooks.md"), "utf8").matchAll(/^## (\w+)$/gm)].map(
    ([, alert = ""]) => alert.toLowerCase(),
  ),
);

describe("unknown names", () => {
  it("are found in a query", () => {
    expect(unknownIn('sum by (switchyard_rout) (rate(switchyard_requests{a="b"}[5m]))')).toEqual([
      "switchyard_rout",
      "switchyard_requests",
    ]);
    expect(unknownIn("sum by (switchyard_route) (rate(switchyard_requests_total[5m]))")).toEqual(
      [],
    );
  });
});

describe.each(dashboards)("$title", (dashboard) => {
  const panels = panelsOf(dashboard);

  it("asks for no metric and no label that nobody has", () => {
    const texts = [
      ...queriesOf(dashboard).map(({ expr }) => expr),
      ...dashboard.templating.list.map(({ definition = "" }) => definition),
      ...panels.flatMap(({ targets = [] }) => targets.map(({ legendFormat }) => legendFormat)),
    ];
    expect(texts.flatMap(unknownIn)).toEqual([]);
  });

  it("says of each panel what to do, in sentences", () => {
    expect(panels.filter(({ description = "" }) => !/[.]$/.test(description))).toEqual([]);
  });

  it("links to sections of the runbooks that are there", () => {
    const anchors = panels.flatMap(({ links = [] }) => links.map(({ url }) => url.split("#")[1]));
    expect(anchors).not.toEqual([]);
    expect(anchors.filter((anchor) => !runbooks.has(anchor ?? ""))).toEqual([]);
  });

  it("has a unit for all that it shows", () => {
    const bare = panels.filter(({ type, fieldConfig, options }) => {
      if (type === "table") return fieldConfig.overrides.length === 0;
      return (fieldConfig.defaults.unit ?? options?.yAxis?.unit) === undefined;
    });
    expect(bare.map(({ title }) => title)).toEqual([]);
  });

  it("lays panels side by side, none over another", () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x} ${y}`), `under ${title}`).toBeUndefined();
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  it("gives each panel an id of its own", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
