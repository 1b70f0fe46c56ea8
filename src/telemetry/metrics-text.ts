import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { emptyResource } from "@opentelemetry/resources";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { MetricSource } from "./metric-data.ts";
import { scopeName } from "./names.ts";
import type { MetricRegistry } from "./registry.ts";

/** Neither scope nor target are written: the scraper knows whom it asked. */
const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);

/** The registry in Prometheus' exposition format: running totals, explicit boundaries. */
export function writeMetricsText(registry: MetricRegistry): string {
  const source = new MetricSource(registry, {
    exponential: false,
    temporality: () => AggregationTemporality.CUMULATIVE,
  });
  return serializer.serialize({
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: scopeName }, metrics: source.collect() }],
  });
}
