import type { SourceScope } from "../histogram-source.ts";
import type { Window } from "../series.ts";
import { oneOf, quoted, selector } from "./promql.ts";
import { timeErrors } from "./what-counts.ts";

/** Labels of metrics as Prometheus writes them. */
export const label = {
  route: "switchyard_route",
  backend: "switchyard_backend",
  tenant: "switchyard_tenant",
  model: "gen_ai_request_model",
  tokenType: "gen_ai_token_type",
  error: "error_type",
  cancelled: "switchyard_attempt_cancelled",
  kind: "switchyard_attempt_kind",
  fallback: "switchyard_fallback_reason",
  source: "switchyard_label_source",
  verdict: "switchyard_label_verdict",
} as const;

export const ofPlace = [label.route, label.backend, label.tenant] as const;

/** Routes in one query: their names stand in it one by one. */
const routesAtOnce = 50;

/** What of a store is the group's: the routes asked for, and what the store itself put on the series. */
export function matchersOf(
  { routes }: SourceScope,
  match: Readonly<Record<string, string>>,
): string[][] {
  const own = Object.entries(match).map(([name, value]) => `${name}=${quoted(value)}`);
  const names = routes.map(({ name }) => name);
  const chunks = Array.from({ length: Math.ceil(names.length / routesAtOnce) }, (_, index) =>
    names.slice(index * routesAtOnce, (index + 1) * routesAtOnce),
  );
  return chunks.map((chunk) => [...own, `${label.route}=~${oneOf(chunk)}`]);
}

const answered = `${label.error}=""`;
const kept = `${label.cancelled}=""`;

export interface HistogramMetric {
  name: string;
  unit?: string;
  matchers: readonly string[];
}

const duration = { name: "gen_ai_client_operation_duration", unit: "seconds" } as const;
const tokenUsage = "gen_ai_client_token_usage";

export const histogramMetrics = {
  latency: {
    ...duration,
    matchers: [kept, `${label.error}=~${oneOf(["", ...timeErrors])}`],
  },
  first_token: {
    name: "gen_ai_client_operation_time_to_first_chunk",
    unit: "seconds",
    matchers: [],
  },
  input_tokens: { name: tokenUsage, matchers: [`${label.tokenType}="input"`] },
  output_tokens: { name: tokenUsage, matchers: [`${label.tokenType}="output"`] },
} as const satisfies Readonly<Record<string, HistogramMetric>>;

/** What attempts came to, by whom and how they ended; those that answered alone. */
export const attemptMetrics = {
  ended: { ...duration, matchers: [kept] },
  answered: { ...duration, matchers: [kept, answered] },
} as const satisfies Readonly<Record<string, HistogramMetric>>;

/** How much a metric grew within the window, to be evaluated at its end. */
const grown = (series: string, { from, to }: Window): string =>
  `increase(${series}[${to - from}ms])`;

const summed = (by: readonly string[], what: string): string =>
  `sum by (${by.join(", ")}) (${what})`;

/** The queries of one histogram, in the two ways in which a store may hold it. */
export function histogramQueries(
  metric: HistogramMetric,
  { by, matchers, window }: { by: readonly string[]; matchers: readonly string[]; window: Window },
): { native: string; buckets: string; sum: string; count: string } {
  const all = [...matchers, ...metric.matchers];
  const classic = (suffix: string) => grown(selector({ ...metric, suffix }, all), window);
  return {
    native: summed(by, grown(selector(metric, all), window)),
    buckets: summed([...by, "le"], classic("_bucket")),
    sum: summed(by, classic("_sum")),
    count: summed(by, classic("_count")),
  };
}

export const counterQuery = (
  name: string,
  { by, matchers, window }: { by: readonly string[]; matchers: readonly string[]; window: Window },
): string => summed(by, grown(selector({ name }, matchers), window));

/** Whether there is anything at all within each step. */
export const anySamples = (match: Readonly<Record<string, string>>, stepMs: number): string => {
  const own = Object.entries(match).map(([name, value]) => `${name}=${quoted(value)}`);
  return `count(last_over_time(${selector({ name: "switchyard_attempts_total" }, own)}[${stepMs}ms]))`;
};
