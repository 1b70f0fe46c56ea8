// Whether what a route serves has changed. Owns the statistics that tell drift from a day's noise, the
// places that histograms and labels come from, and the report. The statistics are pure: series come
// in, findings go out, without clock or I/O. It knows neither requests in flight nor how tables are
// compiled; a request through a router is a function that cli hands in.
export { type DriftFindings, type RouteBounds, type SeriesFinding } from "./finding.ts";
export {
  clickhouseSource,
  type ClickHouseSettings,
  type ClickHouseSourceOptions,
} from "./sources/clickhouse-source.ts";
export { duckdbRecordsSource, type DuckdbSourceOptions } from "./sources/duckdb-records-source.ts";
export { plainRecordsSource, type RecordsSourceOptions } from "./sources/records-source.ts";
export {
  prometheusClient,
  type PrometheusClient,
  type PrometheusCall,
  type PrometheusSettings,
} from "./sources/prometheus-client.ts";
export { prometheusSource, type PrometheusSourceOptions } from "./sources/prometheus-source.ts";
export { countOf, type Histogram } from "./histogram.ts";
export { type Finer } from "./judge/date-change.ts";
export { look, type LookInput } from "./look.ts";
export {
  type HistogramSource,
  type ScopeRoute,
  type SourceScope,
  type Wanting,
} from "./histogram-source.ts";
export { type WatchedRoute } from "./report/build-report.ts";
export { driftStatus, isSameDrift, transitionsOf, type DriftStatus } from "./report/conditions.ts";
export { nameOf as nameOfSeries } from "./report/plots.ts";
export { seriesHead, seriesRow, stateWord } from "./report/words.ts";
export { runDrift, type DriftRun } from "./run-drift.ts";
export {
  type AccuracyLabel,
  type DistributionSeries,
  type DistributionSignal,
  type MixCell,
  type MixFact,
  type MixSeries,
  type SeriesKey,
  type ShareSeries,
  type ShareSignal,
  type Signal,
  type Window,
} from "./series.ts";
