// Judgements of answers as events, by the SDK: there are few of them beside requests.
import {
  type Attributes,
  ROOT_CONTEXT,
  SeverityNumber,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  BatchLogRecordProcessor,
  ConsoleLogRecordExporter,
  LoggerProvider,
  type LogRecordExporter,
} from "@opentelemetry/sdk-logs";
import type { LabelRecord } from "../records/index.ts";
import { type AttributeSink, collectAttributes } from "./attribute-sink.ts";
import { type ExporterName, positiveFromEnv } from "./export-settings.ts";
import { verdictOf } from "./label-metrics.ts";
import { type AttributeName, type events, scopeName, schemaUrl } from "./names.ts";
import type { AnswerObservation } from "./observation.ts";

export interface LabelExport {
  /** @param answer null where nobody knows which span it came from */
  add(label: LabelRecord, answer: AnswerObservation | null): void;
  /** Sends what is left; rejects where that fails. */
  shutdown(): Promise<void>;
}

const eventName = "gen_ai.evaluation.result" satisfies keyof typeof events;

type NameOfLabel = (typeof events)[typeof eventName]["required" | "optional"][number];

/** Null where no events are exported. */
export async function openLabelExport(
  name: ExporterName,
  resource: Resource,
): Promise<LabelExport | null> {
  const exporter = await logExporter(name);
  if (exporter === null) return null;
  const maxQueueSize = positiveFromEnv("OTEL_BLRP_MAX_QUEUE_SIZE", 2_048);
  const batchSize = positiveFromEnv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512);
  const processor = new BatchLogRecordProcessor({
    exporter,
    maxQueueSize,
    maxExportBatchSize: Math.min(batchSize, maxQueueSize),
    scheduledDelayMillis: positiveFromEnv("OTEL_BLRP_SCHEDULE_DELAY", 1_000),
    exportTimeoutMillis: positiveFromEnv("OTEL_BLRP_EXPORT_TIMEOUT", 30_000),
  });
  const provider = new LoggerProvider({ resource, processors: [processor] });
  const logger = provider.getLogger(scopeName, undefined, { schemaUrl });
  return {
    add: (label, answer) =>
      logger.emit({
        eventName,
        timestamp: new Date(label.ts),
        severityNumber: SeverityNumber.INFO,
        attributes: attributesOf(label, answer),
        context: contextOf(answer),
      }),
    shutdown: () => provider.shutdown(),
  };
}

async function logExporter(name: ExporterName): Promise<LogRecordExporter | null> {
  switch (name) {
    case "none":
      return null;
    case "console":
      return new ConsoleLogRecordExporter();
    case "otlp-json": {
      const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-http");
      return new OTLPLogExporter();
    }
    case "otlp-proto": {
      const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
      return new OTLPLogExporter();
    }
  }
}

function contextOf(answer: AnswerObservation | null): typeof ROOT_CONTEXT {
  if (answer === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...answer.span, traceFlags: TraceFlags.SAMPLED });
}

const attributesOf = (label: LabelRecord, answer: AnswerObservation | null): Attributes =>
  collectAttributes((sink: AttributeSink<AttributeName>) => writeLabel(sink, label, answer));

function writeLabel(
  sink: AttributeSink<NameOfLabel>,
  label: LabelRecord,
  answer: AnswerObservation | null,
): void {
  sink.text("gen_ai.evaluation.name", label.check);
  sink.double("gen_ai.evaluation.score.value", label.score);
  sink.text("gen_ai.evaluation.score.label", verdictOf(label.score));
  sink.text("gen_ai.response.id", answer?.responseId ?? null);
  sink.text("switchyard.label.source", label.source);
  sink.text("switchyard.namespace", label.namespace);
  sink.text("switchyard.class", label.class);
  sink.text("switchyard.request.id", label.request_id);
  sink.text("switchyard.prompt.id", label.prompt_id);
  sink.text("switchyard.route", label.route);
  sink.text("switchyard.tenant", label.tenant);
  sink.text("switchyard.backend", label.backend);
}
