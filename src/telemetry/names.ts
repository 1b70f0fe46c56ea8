// The one table of names: every attribute, span, metric and log key, a sheet each. What has a name in the
// OpenTelemetry conventions carries that one, as of the version pinned here; the rest is `switchyard.*`.
// docs/telemetry.md shows these tables, and a test compares the two.
export { type AttributeName, type AttributeType, attributes } from "./names/attributes.ts";
export {
  type EmfDimension,
  emfDimensions,
  type EmfMetric,
  emfMetrics,
  emfNamespace,
} from "./names/emf.ts";
export { events } from "./names/events.ts";
export { type LogKey, logKeys } from "./names/log-keys.ts";
export type { MetricSpec } from "./names/metric-spec.ts";
export { type MetricName, metrics } from "./names/metrics.ts";
export { operatorMetrics } from "./names/operator-metrics.ts";
export { prometheusLabel, prometheusName } from "./names/prometheus-name.ts";
export { spans } from "./names/spans.ts";

/** The release of the OpenTelemetry semantic conventions that the names follow. */
export const conventionsVersion = "1.41.1";
export const schemaUrl = `https://opentelemetry.io/schemas/${conventionsVersion}`;
export const scopeName = "switchyard";
