import { randomFillSync } from "node:crypto";
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

// Random bytes are drawn in bulk: a request needs some forty, and a call for each few costs more than they do.
const pool = Buffer.allocUnsafe(8_192);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const id = pool.toString("hex", used - bytes, used);
  // All zeros are no valid id.
  return /[^0]/.test(id) ? id : randomHex(bytes);
}

export const newTraceId = (): string => randomHex(16);
export const newSpanId = (): string => randomHex(8);
