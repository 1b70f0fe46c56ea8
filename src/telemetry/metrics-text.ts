import { setImmediate as nextTurn } from "node:timers/promises";
import { HistogramCell } from "./cells.ts";
import {
  type AttributeName,
  type MetricName,
  type MetricSpec,
  metrics,
  prometheusLabel,
  prometheusName,
} from "./names.ts";
import type { Labels, MetricRegistry, Series } from "./registry.ts";

/** Series to write before others get their turn: a router with thousands of them must not stall for a scrape. */
const seriesATurn = 50;

const types = {
  counter: "counter",
  updowncounter: "gauge",
  gauge: "gauge",
  histogram: "histogram",
};

/** The registry in Prometheus' text format: running totals, explicit boundaries, names as OpenTelemetry maps them. */
export async function writeMetricsText(registry: MetricRegistry): Promise<string> {
  let text = "";
  let written = 0;
  for (const name of Object.keys(metrics) as MetricName[]) {
    const series = registry.collect(name);
    if (series.length === 0) continue;
    const spec: MetricSpec = metrics[name];
    const shown = prometheusName(name);
    text += `# HELP ${shown} ${spec.description}\n# TYPE ${shown} ${types[spec.kind]}\n`;
    for (const each of series) {
      text += seriesText(shown, each);
      written += 1;
      if (written % seriesATurn === 0) await nextTurn();
    }
  }
  return text;
}

function seriesText(name: string, { labels, cell }: Series): string {
  const pairs = pairsOf(labels);
  if (!(cell instanceof HistogramCell)) return `${name}${braced(pairs)} ${cell.value}\n`;
  const { state, boundaries } = cell;
  if (state.count === 0) return "";
  const before = pairs === "" ? "" : `${pairs},`;
  let text = "";
  let upTo = 0;
  for (const [index, count] of state.explicit.entries()) {
    upTo += count;
    text += `${name}_bucket{${before}le="${boundaries[index] ?? "+Inf"}"} ${upTo}\n`;
  }
  return `${text}${name}_sum${braced(pairs)} ${state.sum}\n${name}_count${braced(pairs)} ${state.count}\n`;
}

const braced = (pairs: string): string => (pairs === "" ? "" : `{${pairs}}`);

/** Labels of a series never change, so their text is made once. */
const pairTexts = new WeakMap<Labels, string>();

function pairsOf(labels: Labels): string {
  const known = pairTexts.get(labels);
  if (known !== undefined) return known;
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${prometheusLabel(name as AttributeName)}="${escaped(String(value))}"`,
  );
  const text = pairs.join(",");
  pairTexts.set(labels, text);
  return text;
}

const escaped = (value: string): string =>
  value
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
