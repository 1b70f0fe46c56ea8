// PromQL of panels, from the table of names: a metric or label that does not exist is a type error. Every series is
// picked by those of a dashboard's variables whose label it has.
import {
  type AttributeName,
  type MetricName,
  metrics,
  type MetricSpec,
  prometheusLabel,
  prometheusName,
} from "../../src/telemetry/index.ts";

export interface Query {
  expr: string;
  /** `{{label}}` stands for a label's value; absent: all labels. */
  legend?: string;
}

type Matchers = Partial<Record<AttributeName, string>>;
type Part = "bucket" | "sum" | "count";

/** Labels that people choose by, with the variable of each. */
export const choices = {
  route: "switchyard.route",
  backend: "switchyard.backend",
  tenant: "switchyard.tenant",
} as const satisfies Record<string, AttributeName>;

/** @param matchers by attribute, each with its operator, as in `="open"`; they win over the variables */
export function series(name: MetricName, matchers: Matchers = {}, part?: Part): string {
  const { required, optional }: MetricSpec = metrics[name];
  // What an operator tells of drift is of the namespace that its label says, a router's of its own.
  if (name.startsWith("switchyard.drift.") && matchers["switchyard.namespace"] === undefined) {
    const told = { ...matchers, "switchyard.namespace": '=~"$namespace"' };
    return `(${series(name, { ...matchers, "switchyard.namespace": '=""' })} or ${series(name, told)})`;
  }
  const chosen = Object.entries(choices)
    .filter(([, attribute]) => [...required, ...optional].includes(attribute))
    .map(([variable, attribute]) => [attribute, `=~"$${variable}"`]);
  const all = Object.entries({ ...Object.fromEntries(chosen), ...matchers } as Matchers);
  const labels = all.map(
    ([attribute, condition]) => `${prometheusLabel(attribute as AttributeName)}${condition}`,
  );
  // An operator's namespace is its own, not one of those that it looks after.
  const isElsewhere =
    name.startsWith("switchyard.operator.") || matchers["switchyard.namespace"]?.includes("$");
  const place = isElsewhere === true ? [] : ['namespace=~"$namespace"'];
  const selector = [...place, ...labels].join(",");
  return `${prometheusName(name)}${part === undefined ? "" : `_${part}`}${selector === "" ? "" : `{${selector}}`}`;
}

export const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;

export const hourly = (perSecond: string): string => `${perSecond} * 3600`;

type By = readonly (AttributeName | "le" | "pod" | "namespace")[];

const labelsOf = (by: By): string =>
  by
    .map((each) =>
      each === "le" || each === "pod" || each === "namespace" ? each : prometheusLabel(each),
    )
    .join(", ");

const aggregate =
  (how: "sum" | "max" | "min" | "count") =>
  (vector: string, ...by: By): string =>
    by.length === 0 ? `${how}(${vector})` : `${how} by (${labelsOf(by)}) (${vector})`;

export const sum = aggregate("sum");
export const max = aggregate("max");
export const min = aggregate("min");
export const count = aggregate("count");

/** How often a second, by labels. */
export const rateBy = (name: MetricName, by: By = [], matchers: Matchers = {}): string =>
  sum(rate(series(name, matchers)), ...by);

export const quantile = (
  q: number,
  name: MetricName,
  by: By = [],
  matchers: Matchers = {},
): string =>
  `histogram_quantile(${q}, ${sum(rate(series(name, matchers, "bucket")), "le", ...by)})`;

/** The share of a counter's growth that meets the matchers: 0 where none does, nothing where nothing grows. */
export const shareOf = (name: MetricName, by: By, matchers: Matchers): string => {
  const whole = rateBy(name, by);
  return `(${rateBy(name, by, matchers)} or ${whole} * 0) / (${whole} > 0)`;
};

export const legend = (...attributes: readonly AttributeName[]): string =>
  attributes.map((each) => `{{${prometheusLabel(each)}}}`).join(" ");
