// The way out: queues, readers and OTLP exporters, loaded only where something is exported.
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
} from "@opentelemetry/sdk-trace";
import { type ExporterName, positiveFromEnv } from "./export-settings.ts";
import { MetricSource } from "./metric-data.ts";
import { scopeName, schemaUrl } from "./names.ts";
import type { RequestObservation } from "./observation.ts";
import type { MetricRegistry } from "./registry.ts";
import { requestSpans, type Sampled } from "./request-spans.ts";
import { type BatchLimits, SpanBatches } from "./span-batches.ts";

/** Takes the spans of requests, and sends them when it is time. */
export interface SpanExport {
  add(observation: RequestObservation, sampled: Sampled): void;
  /** Sends what is left; rejects where that fails. */
  shutdown(): Promise<void>;
}

/** Null where no spans are exported. */
export async function openSpanExport(
  name: ExporterName,
  resource: Resource,
): Promise<SpanExport | null> {
  // Thousands of requests a second fill the SDK's default of 2,048 during a single slow export.
  const maxQueueSize = positiveFromEnv("OTEL_BSP_MAX_QUEUE_SIZE", 16_384);
  const maxExportBatchSize = positiveFromEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512);
  const limits = {
    maxQueueSize,
    maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
    scheduledDelayMillis: positiveFromEnv("OTEL_BSP_SCHEDULE_DELAY", 5_000),
    exportTimeoutMillis: positiveFromEnv("OTEL_BSP_EXPORT_TIMEOUT", 30_000),
  };
  // A flush sends all batches of the queue at once; the exporter refuses those beyond its own bound.
  const concurrencyLimit = Math.max(30, Math.ceil(maxQueueSize / limits.maxExportBatchSize) + 1);
  switch (name) {
    case "none":
      return null;
    case "console":
      return exportThroughSdk(new ConsoleSpanExporter(), limits, resource);
    case "otlp-json": {
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      return exportThroughSdk(new OTLPTraceExporter({ concurrencyLimit }), limits, resource);
    }
    case "otlp-proto": {
      const { openTraceSending } = await import("./trace-sending.ts");
      return new SpanBatches(limits, openTraceSending(resource, concurrencyLimit));
    }
  }
}

/** The SDK's own way, for those who want to read what is sent rather than send much. */
function exportThroughSdk(
  exporter: SpanExporter,
  limits: BatchLimits,
  resource: Resource,
): SpanExport {
  const processor = new BatchSpanProcessor({ exporter, ...limits });
  const source = { resource, scope: { name: scopeName, schemaUrl } };
  return {
    add: (observation, sampled) => {
      for (const span of requestSpans(observation, sampled, source)) processor.onEnd(span);
    },
    shutdown: () => processor.shutdown(),
  };
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
