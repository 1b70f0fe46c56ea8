// What the spans of a request say, whoever writes them.
import { SpanKind } from "@opentelemetry/api";
import type { AttemptRecord } from "../records/index.ts";
import type { AttributeSink } from "./attribute-sink.ts";
import { type AttributeName, spans } from "./names.ts";
import type {
  AttemptObservation,
  RequestObservation,
  RoutingObservation,
  SafetyObservation,
} from "./observation.ts";
import { attemptEnd } from "./outcome.ts";
import {
  methodOf,
  requestError,
  writeAttemptAttributes,
  writeMeasuredAttributes,
  writeRequestAttributes,
  writeRouteAttributes,
  writeSafetyAttributes,
} from "./span-attributes.ts";

export interface SpanContent {
  name: string;
  kind: SpanKind;
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
  durationMs: number;
  error: string | null;
  /** What spans that say nearly the same have in common. */
  kindred: string;
  writeAttributes: (sink: AttributeSink<AttributeName>) => void;
}

/** @param keptByOutcome whether it is kept for how it ended, although the sampler's ratio said no */
export function requestContent(
  observation: RequestObservation,
  keptByOutcome: boolean,
): SpanContent {
  const { record, startedAt } = observation;
  return {
    name: requestName(observation),
    kind: SpanKind.SERVER,
    startedAt,
    durationMs: record.latency_ms,
    error: requestError(record),
    kindred: "request",
    writeAttributes: (sink) => writeRequestAttributes(sink, observation, keptByOutcome),
  };
}

/** Of a call that served nobody: the root of its own trace. */
export function measuredContent(observation: RequestObservation): SpanContent {
  const { record, startedAt } = observation;
  return {
    name: `switchyard.${record.arm}`,
    kind: SpanKind.INTERNAL,
    startedAt,
    durationMs: record.latency_ms,
    error: record.error_type,
    kindred: `measured ${record.arm}`,
    writeAttributes: (sink) => writeMeasuredAttributes(sink, observation),
  };
}

/** Of a filter that found something, or gave no verdict. */
export function safetyContent(
  { startedAt }: RequestObservation,
  safety: SafetyObservation,
): SpanContent {
  return {
    name: spans.safety.name,
    kind: SpanKind.INTERNAL,
    startedAt: startedAt + safety.offset,
    durationMs: safety.duration,
    error: safety.failure === null ? null : `filter_${safety.failure}`,
    kindred: `safety ${safety.filter}`,
    writeAttributes: (sink) => writeSafetyAttributes(sink, safety),
  };
}

/** Those that left a span: clean verdicts are counted, and make none. */
export function spokenOf({ safety }: RequestObservation): readonly SafetyObservation[] {
  if (safety.length === 0) return safety;
  return safety.filter(({ action, failure }) => action !== "allow" || failure !== null);
}

export function routeContent(
  observation: RequestObservation,
  routing: RoutingObservation,
): SpanContent {
  return {
    name: spans.route.name,
    kind: SpanKind.INTERNAL,
    startedAt: observation.startedAt + routing.offset,
    durationMs: endOfRouting(observation, routing) - routing.offset,
    error: requestError(observation.record),
    kindred: `route ${observation.record.route}`,
    writeAttributes: (sink) => writeRouteAttributes(sink, observation),
  };
}

/** @param index of the attempt in the record, from 0 */
export function attemptContent(
  observation: RequestObservation,
  attempt: AttemptRecord,
  observed: AttemptObservation,
  index: number,
): SpanContent {
  return {
    name: `${observation.record.operation ?? "chat"} ${observed.requestModel}`,
    kind: SpanKind.CLIENT,
    startedAt: observation.startedAt + observed.offset,
    durationMs: attempt.ms,
    error: attemptEnd(attempt).error,
    kindred: `attempt ${attempt.backend}`,
    writeAttributes: (sink) =>
      writeAttemptAttributes(sink, observation, attempt, observed, index + 1),
  };
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
