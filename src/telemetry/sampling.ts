import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { getNumberFromEnv, getStringFromEnv } from "@opentelemetry/core";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { RequestRecord } from "../records/index.ts";
import type { Log } from "./log.ts";
import { spans } from "./names.ts";

export type Sampling = "sampled" | "keptByOutcome" | "dropped";

/** Decides whether a finished request is traced. */
export type Sample = (
  record: RequestRecord,
  traceId: string,
  parent: SpanContext | undefined,
) => Sampling;

/**
 * The sampler that `OTEL_TRACES_SAMPLER` names. Since it is asked at the end, a ratio can spare what
 * matters most: errors, fallbacks and slow requests are kept all the same, and marked. What the caller
 * has decided stands.
 */
export function makeSample(slowMs: number, log: Log): Sample {
  const name = getStringFromEnv("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const sampler = samplerNamed(name, log);
  const keepsNotable = name.endsWith("traceidratio") && samplingRatio(log) > 0;
  return (record, traceId, parent) => {
    const context: Context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const verdict = sampler.shouldSample(
      context,
      traceId,
      spans.request.name,
      SpanKind.SERVER,
      {},
      [],
    );
    if (verdict.decision === SamplingDecision.RECORD_AND_SAMPLED) return "sampled";
    const callerDeclined = parent !== undefined && (parent.traceFlags & TraceFlags.SAMPLED) === 0;
    if (!keepsNotable || callerDeclined || !isNotable(record, slowMs)) return "dropped";
    return "keptByOutcome";
  };
}

function isNotable(record: RequestRecord, slowMs: number): boolean {
  if (record.status >= 500 || record.fallback_reason !== null) return true;
  return (record.error_type !== null && record.status < 400) || record.latency_ms > slowMs;
}

function samplerNamed(name: string, log: Log): Sampler {
  const ratio = () => new TraceIdRatioBasedSampler(samplingRatio(log));
  const samplers: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: ratio,
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: ratio() }),
  };
  const make = Object.hasOwn(samplers, name) ? samplers[name] : undefined;
  if (make) return make();
  log.warn("Ignoring an unknown OTEL_TRACES_SAMPLER, sampling all", { name });
  return new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function samplingRatio(log: Log): number {
  const ratio = getNumberFromEnv("OTEL_TRACES_SAMPLER_ARG") ?? 1;
  if (ratio >= 0 && ratio <= 1) return ratio;
  log.warn("Ignoring OTEL_TRACES_SAMPLER_ARG, which must be between 0 and 1", { count: ratio });
  return 1;
}
