import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import { parseTraceParent, TraceState } from "@opentelemetry/core";

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

/** A random id of so many 32-bit words, in hex; never all zeros. Uniqueness is wanted, not secrecy. */
function randomId(words: number): string {
  let id = "";
  for (let word = 0; word < words; word += 1) {
    id += Math.floor(1 + Math.random() * 0xffff_fffe)
      .toString(16)
      .padStart(8, "0");
  }
  return id;
}

export const newTraceId = (): string => randomId(4);
export const newSpanId = (): string => randomId(2);
