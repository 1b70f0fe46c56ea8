// PromQL from the table of names: a metric or label that does not exist is a type error.
import {
  type AttributeName,
  type MetricName,
  prometheusLabel,
  prometheusName,
} from "../../src/telemetry/index.ts";

/** By attribute, each with its operator: `="open"`, `=~"a|b"`, `!="c"`. */
export type Matchers = Partial<Record<AttributeName, string>>;
type Part = "bucket" | "sum" | "count";

/** A metric's series; of a histogram one of its parts. */
export function series(name: MetricName, matchers: Matchers = {}, part?: Part): string {
  const labels = Object.entries(matchers).map(
    ([attribute, condition]) => `${prometheusLabel(attribute as AttributeName)}${condition}`,
  );
  const selector = labels.length === 0 ? "" : `{${labels.join(",")}}`;
  return `${prometheusName(name)}${part === undefined ? "" : `_${part}`}${selector}`;
}

export const anyOf = (words: readonly string[]): string => `=~"${words.join("|")}"`;

/** Labels that a sum keeps: the namespace of whoever is scraped, and these. */
export const place = (...attributes: readonly AttributeName[]): string =>
  ["namespace", ...attributes.map(prometheusLabel)].join(", ");

export const ofRoute = place("switchyard.route");
export const ofBackend = place("switchyard.backend");

export const maxBy = (labels: string, vector: string): string => `max by (${labels}) (${vector})`;
export const sumBy = (labels: string, vector: string): string => `sum by (${labels}) (${vector})`;

/**
 * The growth of several counters a second, as one vector.
 *
 * @param range such as `[5m]` or `[6h] offset 10m`
 */
export const rates = (selectors: readonly string[], range: string): string =>
  selectors.map((each) => `rate(${each}${range})`).join(" or ");

/**
 * A share, 0 where there is nothing of it.
 *
 * @param whole the name of a recording
 */
export const share = (part: string, whole: string): string =>
  `(${part} or ${whole} * 0)\n/\n(${whole} > 0)`;

/**
 * By how much a counter has grown, its birth included: `increase` does not see a series grow that was
 * not there before, and one that counts failures is born with the first.
 */
export const grown = (selector: string, window: string): string =>
  `${selector} - (${selector} offset ${window} <= ${selector} or ${selector} * 0)`;

/** All of these hold, the value being the first one's. */
export const all = (...conditions: readonly string[]): string =>
  conditions.map((each) => `(${each})`).join("\nand\n");

export const any = (...conditions: readonly string[]): string =>
  conditions.map((each) => `(${each})`).join("\nor\n");

type Shown = "humanizeDuration" | "humanizePercentage" | "humanize";

/**
 * A figure within a description: what a recording says of the place that the alert is of.
 *
 * @param labels those of the alert that pick the series
 */
export function figure(
  record: string,
  labels: readonly AttributeName[],
  shown: Shown,
  further = "",
): string {
  const names = ["namespace", ...labels.map(prometheusLabel)];
  const matchers = names.map((name) => `${name}='%s'`).join(",");
  const values = names.map((name) => `$labels.${name}`).join(" ");
  const query = `${record}{${matchers}${further === "" ? "" : `,${further}`}}`;
  return `{{ with printf "${query}" ${values} | query }}{{ . | first | value | ${shown} }}{{ else }}n/a{{ end }}`;
}
