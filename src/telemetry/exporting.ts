// The way out: the SDK's batching, readers and OTLP exporters, loaded only where something is exported.
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import { type ExporterName, positiveFromEnv } from "./export-settings.ts";
import { MetricSource } from "./metric-data.ts";
import { scopeName, schemaUrl } from "./names.ts";
import type { MetricRegistry } from "./registry.ts";

/** The queue that spans wait in; null where none are exported. */
export async function openSpanExport(name: ExporterName): Promise<SpanProcessor | null> {
  // Thousands of requests a second fill the SDK's default of 2,048 during a single slow export.
  const maxQueueSize = positiveFromEnv("OTEL_BSP_MAX_QUEUE_SIZE", 16_384);
  const maxExportBatchSize = positiveFromEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512);
  // A flush sends all batches of the queue at once; the exporter refuses those beyond its own bound.
  const concurrencyLimit = Math.max(30, Math.ceil(maxQueueSize / maxExportBatchSize) + 1);
  const exporter = await spanExporter(name, concurrencyLimit);
  if (exporter === null) return null;
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize,
    maxExportBatchSize,
    scheduledDelayMillis: positiveFromEnv("OTEL_BSP_SCHEDULE_DELAY", 5_000),
    exportTimeoutMillis: positiveFromEnv("OTEL_BSP_EXPORT_TIMEOUT", 30_000),
  });
}

async function spanExporter(
  name: ExporterName,
  concurrencyLimit: number,
): Promise<SpanExporter | null> {
  switch (name) {
    case "none":
      return null;
    case "console":
      return new ConsoleSpanExporter();
    case "otlp-json": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      return new OTLPTraceExporter({ concurrencyLimit });
    }
    case "otlp-proto": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
      return new OTLPTraceExporter({ concurrencyLimit });
    }
  }
}

/** Pushes the registry's metrics at intervals; null where none are exported. */
export async function openMetricExport(
  name: ExporterName,
  registry: MetricRegistry,
  resource: Resource,
): Promise<MeterProvider | null> {
  const exporter = await metricExporter(name);
  if (exporter === null) return null;
  const source = new MetricSource(
    registry,
    (type) => exporter.selectAggregationTemporality?.(type) ?? AggregationTemporality.CUMULATIVE,
  );
  const scope = { name: scopeName, schemaUrl };
  const producer = {
    collect: () =>
      Promise.resolve({
        resourceMetrics: { resource, scopeMetrics: [{ scope, metrics: source.collect() }] },
        errors: [],
      }),
  };
  const interval = positiveFromEnv("OTEL_METRIC_EXPORT_INTERVAL", 60_000);
  const timeout = positiveFromEnv("OTEL_METRIC_EXPORT_TIMEOUT", 30_000);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(timeout, interval),
    // Encoding all series at once would stall a router that has thousands of them.
    maxExportBatchSize: 2_000,
    metricProducers: [producer],
  });
  return new MeterProvider({ resource, readers: [reader] });
}

async function metricExporter(name: ExporterName): Promise<PushMetricExporter | null> {
  switch (name) {
    case "none":
      return null;
    case "console":
      return new ConsoleMetricExporter();
    case "otlp-json": {
      const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
      return new OTLPMetricExporter();
    }
    case "otlp-proto": {
      const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-proto");
      return new OTLPMetricExporter();
    }
  }
}
