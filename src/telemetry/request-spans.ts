import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { LateSpan, type SpanOrigin } from "./late-span.ts";
import type { RequestObservation, TraceIds } from "./observation.ts";
import {
  attemptContent,
  measuredContent,
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

/** The span that a call which served nobody was made for. */
const linkedTo = ({ traceId, spanId }: TraceIds): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
});

/**
 * The spans of a request: SERVER, then INTERNAL below it if a candidate was chosen, then a CLIENT
 * span below that for each attempt.
 */
export function requestSpans(
  observation: RequestObservation,
  sampled: Sampled,
  source: SpanSource,
): LateSpan[] {
  const { original, routing } = observation;
  const contextOf = (spanId: string): SpanContext => ({
    traceId: sampled.ids.traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(sampled.parent?.traceState && { traceState: sampled.parent.traceState }),
  });
  const server = contextOf(sampled.ids.spanId);
  const attemptsBelow = (parent: SpanContext) =>
    attemptSpans(observation, { ...source, parent }, () => contextOf(newSpanId()));
  if (original !== null) {
    const link = linkedTo(original);
    const measured = new LateSpan({ ...source, context: server, parent: undefined, link }, () =>
      measuredContent(observation),
    );
    return [measured, ...attemptsBelow(server)];
  }
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
  return [request, ...safety, route, ...attemptsBelow(internal)];
}

function attemptSpans(
  observation: RequestObservation,
  origin: Omit<SpanOrigin, "context">,
  newContext: () => SpanContext,
): LateSpan[] {
  return observation.record.attempts.flatMap((attempt, index) => {
    const observed = observation.attempts[index];
    if (observed === undefined) return [];
    return [
      new LateSpan({ ...origin, context: newContext() }, () =>
        attemptContent(observation, attempt, observed, index),
      ),
    ];
  });
}
