import type { HistogramSource, SourceScope } from "../histogram-source.ts";
import type { Window } from "../series.ts";
import type { PrometheusClient } from "./prometheus-client.ts";
import type { Asking } from "./prometheus-asking.ts";
import { distributionsOf } from "./prometheus-distributions.ts";
import { labelsOf } from "./prometheus-labels.ts";
import { matchersOf } from "./prometheus-queries.ts";
import { mixesOf, sharesOf } from "./prometheus-shares.ts";
import { sinceOf } from "./prometheus-since.ts";
import { within } from "./within.ts";

export interface PrometheusSourceOptions {
  client: PrometheusClient;
  scope: SourceScope;
  /** Labels that the store puts on the series of the group's routers, such as `namespace`; names are valid ones. */
  match?: Readonly<Record<string, string>>;
  /** What all the queries of one look may take together, in milliseconds. */
  boundMs?: number;
}

const noHistogram = "Metrics hold it as a running sum: records have it request by request";
const noLabel = "Metrics have no label of it: records have it";

/** Figures from whatever speaks Prometheus' HTTP API: Prometheus, Thanos, Mimir, Amazon Managed Service for Prometheus. */
export function prometheusSource({
  client,
  scope,
  match = {},
  boundMs = 1_200_000,
}: PrometheusSourceOptions): HistogramSource {
  const matchers = matchersOf(scope, match);
  const asked = <Value>(signal: AbortSignal, act: (asking: Asking) => Promise<Value>) =>
    within("Prometheus", { signal, boundMs }, (either) =>
      act({ client, scope, match, matchers, signal: either }),
    );
  return {
    name: "Prometheus",
    cannot: new Map([
      ["cost", noHistogram],
      ["confidence", noHistogram],
      ["finish_reason", noLabel],
      ["refusal", noLabel],
      ["region", noLabel],
    ]),
    since: (signal) => asked(signal, sinceOf),
    distributions: (windows, signal) => asked(signal, (asking) => distributionsOf(asking, windows)),
    shares: (windows, signal) => asked(signal, (asking) => sharesOf(asking, windows)),
    mixes: (windows, signal) => asked(signal, (asking) => mixesOf(asking, windows)),
    labels: (range: Window, signal) => asked(signal, (asking) => labelsOf(asking, range)),
    close: () => client.close(),
  };
}
