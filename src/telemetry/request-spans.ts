import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { LateSpan } from "./late-span.ts";
import type { RequestObservation, TraceIds } from "./observation.ts";
import {
  attemptContent,
  requestContent,
  routeContent,
  safetyContent,
  spokenOf,
} from "./span-content.ts";
import { newSpanId } from "./trace-context.ts";

export interface SpanSource {
  resource: Resource;
  scope: InstrumentationScope;
}

export interface Sampled {
  ids: TraceIds;
  parent: SpanContext | undefined;
  /** Kept for how it ended, although the sampler's ratio said no. */
  keptByOutcome: boolean;
}

/**
 * The spans of a request: SERVER, then INTERNAL below it if a candidate was chosen, then a CLIENT
 * span below that for each attempt.
 */
export function requestSpans(
  observation: RequestObservation,
  sampled: Sampled,
  source: SpanSource,
): LateSpan[] {
  const { record, routing } = observation;
  const contextOf = (spanId: string): SpanContext => ({
    traceId: sampled.ids.traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(sampled.parent?.traceState && { traceState: sampled.parent.traceState }),
  });
  const server = contextOf(sampled.ids.spanId);
  const request = new LateSpan({ ...source, context: server, parent: sampled.parent }, () =>
    requestContent(observation, sampled.keptByOutcome),
  );
  const safety = spokenOf(observation).map(
    (each) =>
      new LateSpan({ ...source, context: contextOf(newSpanId()), parent: server }, () =>
        safetyContent(observation, each),
      ),
  );
  if (routing === null) return [request, ...safety];

  const internal = contextOf(newSpanId());
  const route = new LateSpan({ ...source, context: internal, parent: server }, () =>
    routeContent(observation, routing),
  );
  const attempts = record.attempts.flatMap((attempt, index) => {
    const observed = observation.attempts[index];
    if (observed === undefined) return [];
    const context = contextOf(newSpanId());
    return [
      new LateSpan({ ...source, context, parent: internal }, () =>
        attemptContent(observation, attempt, observed, index),
      ),
    ];
  });
  return [request, ...safety, route, ...attempts];
}
