import type { RequestRecord } from "../records/index.ts";
import { effectiveEnvelope, isObserved } from "../routing/index.ts";
import type {
  AttemptObservation,
  ObjectivesObservation,
  ParametersObservation,
  RoutingObservation,
  TraceIds,
} from "../telemetry/index.ts";
import type { Attempt } from "./attempt.ts";
import { answeringModel, awsRequestId } from "./attempt-record.ts";
import { recordOf, type Outcome } from "./outcome.ts";
import type { RouterParts } from "./parts.ts";
import type { Progress } from "./progress.ts";
import { safetyObservations, safetyRecords } from "./safety/safety-records.ts";
import { guardrailOf, requestModelOf, serverOf } from "./target-facts.ts";

/**
 * Writes telemetry and the record of a request that has ended: once, and from its outcome alone.
 *
 * @param measured what a call that serves nobody was made for, with what its record says otherwise
 */
export function observeOutcome(
  outcome: Outcome,
  parts: RouterParts,
  measured?: MeasuredFacts,
): RequestRecord {
  const { progress } = outcome;
  const group = (progress.snapshot ?? parts.tables.current)?.table.group ?? {
    namespace: "",
    routerClass: "",
  };
  const record = recordOf(outcome, group, parts);
  if (measured !== undefined) Object.assign(record, measured.members);
  const { traceId, spanId } = parts.telemetry.observe({
    record,
    startedAt: progress.receivedAt,
    http: progress.http,
    routing: routingOf(progress),
    objectives: objectivesOf(progress),
    parameters: parametersOf(progress),
    attempts: (progress.attempts ?? []).map((attempt) => attemptOf(attempt, progress, parts)),
    safety: safetyObservations(progress),
    original: measured?.original ?? null,
  });
  record.trace_id = traceId;
  record.span_id = spanId;
  parts.records.write(record);
  if (progress.inspection === undefined) return record;
  for (const each of safetyRecords(progress, record)) parts.records.write(each);
  return record;
}

export interface MeasuredFacts {
  members: Partial<RequestRecord>;
  /** Of the request that it measures; null where there is none. */
  original: TraceIds | null;
}

function routingOf(progress: Progress): RoutingObservation | null {
  const { choice, choosingBegan, choosingMs } = progress;
  if (choice === undefined || choosingBegan === undefined) return null;
  const candidates = choice.chain.map((link) => link.backend.name);
  return {
    offset: choosingBegan - progress.startedAt,
    duration: choosingMs ?? 0,
    candidates,
    chosen: candidates[0] ?? null,
    reason: choice.reason,
  };
}

function objectivesOf({ route, tenant = null }: Progress): ObjectivesObservation | null {
  if (route === undefined) return null;
  return isObserved(tenant) ? route.envelope : effectiveEnvelope(route, tenant);
}

function parametersOf({ asked }: Progress): ParametersObservation | null {
  if (asked === undefined) return null;
  if (asked.operation === "embeddings") {
    return { maxTokens: null, temperature: null, topP: null };
  }
  const { request } = asked;
  return {
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    temperature: request.temperature ?? null,
    topP: request.top_p ?? null,
  };
}

function attemptOf(attempt: Attempt, progress: Progress, parts: RouterParts): AttemptObservation {
  const { facts, finishReason } = attempt;
  const { target } = attempt.backend;
  const server = serverOf(target);
  return {
    offset: attempt.startedAt - progress.startedAt,
    provider: parts.providers[target.type].name,
    requestModel: requestModelOf(target),
    responseModel: answeringModel(attempt),
    responseId: facts.requestId ?? null,
    finishReasons: finishReason === null ? null : [finishReason],
    streaming: attempt.streaming,
    laterChunks: Math.max(0, attempt.contentFrames - 1),
    serverAddress: server.address,
    serverPort: server.port,
    region: target.region,
    guardrailId: guardrailOf(target),
    awsRequestId: awsRequestId(attempt),
  };
}
