import { type SpanContext, SpanKind, TraceFlags } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { AttemptRecord } from "../records/index.ts";
import { LateSpan } from "./late-span.ts";
import type {
  AttemptObservation,
  RequestObservation,
  RoutingObservation,
  TraceIds,
} from "./observation.ts";
import {
  attemptAttributes,
  methodOf,
  requestAttributes,
  requestError,
  routeAttributes,
} from "./span-attributes.ts";
import { spans } from "./names.ts";
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
  const { record, startedAt, routing } = observation;
  const contextOf = (spanId: string): SpanContext => ({
    traceId: sampled.ids.traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(sampled.parent?.traceState && { traceState: sampled.parent.traceState }),
  });
  const server = contextOf(sampled.ids.spanId);
  const request = new LateSpan({ ...source, context: server, parent: sampled.parent }, () => ({
    name: requestName(observation),
    kind: SpanKind.SERVER,
    startedAt,
    durationMs: record.latency_ms,
    error: requestError(record),
    attributes: requestAttributes(observation, sampled.keptByOutcome),
  }));
  if (routing === null) return [request];

  const internal = contextOf(newSpanId());
  const route = new LateSpan({ ...source, context: internal, parent: server }, () => ({
    name: spans.route.name,
    kind: SpanKind.INTERNAL,
    startedAt: startedAt + routing.offset,
    durationMs: endOfRouting(observation, routing) - routing.offset,
    error: requestError(record),
    attributes: routeAttributes(observation),
  }));
  const attempts = record.attempts.flatMap((attempt, index) => {
    const observed = observation.attempts[index];
    if (observed === undefined) return [];
    const context = contextOf(newSpanId());
    return [
      new LateSpan({ ...source, context, parent: internal }, () => ({
        name: `${record.operation ?? "chat"} ${observed.requestModel}`,
        kind: SpanKind.CLIENT,
        startedAt: startedAt + observed.offset,
        durationMs: attempt.ms,
        error: attempt.error_type,
        attributes: attemptAttributes(observation, attempt, observed, index + 1),
      })),
    ];
  });
  return [request, route, ...attempts];
}

/** A path is free text, so the name of a span has the pattern that it matched, or none. */
function requestName({ http }: RequestObservation): string {
  const method = methodOf(http.method);
  const verb = method === "_OTHER" ? "HTTP" : method;
  return http.route === null ? verb : `${verb} ${http.route}`;
}

/** The route's span lasts until its choice has been carried out: its attempts are its children. */
function endOfRouting(observation: RequestObservation, routing: RoutingObservation): number {
  let end = routing.offset + routing.duration;
  for (const [index, attempt] of observation.record.attempts.entries()) {
    end = Math.max(end, endOfAttempt(attempt, observation.attempts[index]));
  }
  return end;
}

const endOfAttempt = (attempt: AttemptRecord, observed: AttemptObservation | undefined): number =>
  observed === undefined ? 0 : observed.offset + attempt.ms;
