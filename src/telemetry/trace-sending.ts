import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from "@opentelemetry/otlp-exporter-base/node-http";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { Resource } from "@opentelemetry/resources";
import type { SendBatches, SpanBatch } from "./span-batches.ts";
import { traceEnvelope } from "./trace-envelope.ts";

/**
 * The SDK's own transport for traces over http/protobuf, which honours all `OTEL_EXPORTER_OTLP_*`
 * variables, retries and reads the answers; only the spans come to it encoded.
 */
export function openTraceSending(resource: Resource, concurrencyLimit: number): SendBatches {
  const enclose = traceEnvelope(resource);
  return createOtlpHttpExportDelegate(
    // Deprecated, and called by the SDK's own exporters: no other way leads to the standard variables.
    // oxlint-disable-next-line typescript/no-deprecated
    convertLegacyHttpOptions({ concurrencyLimit }, "TRACES", "v1/traces", {
      "Content-Type": "application/x-protobuf",
    }),
    {
      serializeRequest: ({ spans }: SpanBatch) => enclose(spans),
      deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
    },
    "otlp_http_span_exporter",
    { name: "span", countItems: ({ count }) => count },
    undefined,
  );
}
