import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import { parseTraceParent, TraceState } from "@opentelemetry/core";
import { randomHex } from "../lib/index.ts";

/** The caller's span, from W3C trace context headers; undefined where they name none. */
export function parentContext(
  traceparent: string | null,
  tracestate: string | null,
): SpanContext | undefined {
  const parsed = traceparent === null ? null : parseTraceParent(traceparent);
  if (parsed === null) return undefined;
  const traceFlags = parsed.traceFlags & TraceFlags.SAMPLED;
  const parent = { traceId: parsed.traceId, spanId: parsed.spanId, traceFlags, isRemote: true };
  return tracestate === null ? parent : { ...parent, traceState: new TraceState(tracestate) };
}

// All zeros are no valid id.
export const newTraceId = (): string => randomHex(16);
export const newSpanId = (): string => randomHex(8);
