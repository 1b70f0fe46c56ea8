import type { AttemptRecord, RequestRecord } from "../records/index.ts";
import type { AttributeSink, NameOn } from "./attribute-sink.ts";
import type {
  AttemptObservation,
  ParametersObservation,
  RequestObservation,
  SafetyObservation,
} from "./observation.ts";
import { attemptEnd, outcomeOf } from "./outcome.ts";

const knownMethods = new Set([
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "CONNECT",
  "TRACE",
]);
/** What a client chose freely is cut to this many characters. */
const maxText = 256;

export const methodOf = (method: string): string => (knownMethods.has(method) ? method : "_OTHER");

export function writeRequestAttributes(
  sink: AttributeSink<NameOn<"request">>,
  { record, http }: RequestObservation,
  keptByOutcome: boolean,
): void {
  sink.text("http.request.method", methodOf(http.method));
  sink.text("http.route", http.route);
  sink.text("url.path", http.path.slice(0, maxText));
  sink.text("url.scheme", http.scheme);
  sink.int("http.response.status_code", record.status);
  sink.text("server.address", http.serverAddress.slice(0, maxText));
  sink.int("server.port", http.serverPort);
  sink.text("network.protocol.version", http.protocolVersion);
  sink.int("http.request.body.size", record.bytes_in);
  sink.int("http.response.body.size", record.bytes_out);
  sink.text("switchyard.request.id", record.request_id);
  sink.text("switchyard.outcome", outcomeOf(record));
  sink.text("error.type", requestError(record));
  sink.text("switchyard.refusal", refusalOf(record));
  if (record.limits !== null) writeLimits(sink, record.limits);
  sink.text("switchyard.sampled_by", keptByOutcome ? "outcome" : null);
}

/** The error of a SERVER span: a client's own mistakes are none. */
export function requestError(record: RequestRecord): string | null {
  if (record.status >= 500) return record.error_type ?? String(record.status);
  return record.status < 400 && !record.client_aborted ? record.error_type : null;
}

/** What a client's own mistake was: no error of the span. */
const refusalOf = ({ status, error_type: code, client_aborted: left }: RequestRecord) =>
  status >= 400 && status < 500 && !left ? code : null;

function writeLimits(
  sink: AttributeSink<NameOn<"request">>,
  { action, exceeded }: NonNullable<RequestRecord["limits"]>,
): void {
  sink.text("switchyard.limits.action", action);
  if (exceeded.length > 0) sink.texts("switchyard.limits.exceeded", exceeded);
}

export function writeRouteAttributes(
  sink: AttributeSink<NameOn<"route">>,
  { record, routing }: RequestObservation,
): void {
  sink.text("switchyard.namespace", record.namespace);
  sink.text("switchyard.class", record.class);
  sink.text("switchyard.route", record.route);
  sink.text("switchyard.tenant", record.tenant);
  sink.text("switchyard.subject.type", record.subject_type);
  sink.text("switchyard.table.digest", record.table_digest);
  sink.texts("switchyard.candidates", routing?.candidates ?? []);
  sink.text("switchyard.chosen", routing?.chosen ?? null);
  sink.text("switchyard.reason", routing?.reason ?? null);
  sink.text("switchyard.fallback.reason", record.fallback_reason);
  if (record.would_refuse.length > 0) sink.texts("switchyard.would_refuse", record.would_refuse);
  if (record.would_divert.length > 0) sink.texts("switchyard.would_divert", record.would_divert);
  writeChoiceAttributes(sink, record);
  sink.flag("switchyard.envelope.missed", record.envelope_missed);
  sink.double("switchyard.cost_usd", record.cost_usd);
  sink.double("switchyard.baseline_cost_usd", record.baseline_cost_usd);
  sink.text("error.type", requestError(record));
}

export function writeMeasuredAttributes(
  sink: AttributeSink<NameOn<"measured">>,
  { record }: RequestObservation,
): void {
  sink.text("switchyard.namespace", record.namespace);
  sink.text("switchyard.class", record.class);
  sink.text("switchyard.route", record.route);
  sink.text("switchyard.tenant", record.tenant);
  sink.text("switchyard.table.digest", record.table_digest);
  sink.text("switchyard.request.id", record.request_id);
  sink.text("switchyard.prompt.id", record.prompt_id);
  sink.text("switchyard.arm", record.arm);
  sink.double("switchyard.cost_usd", record.cost_usd);
  sink.text("error.type", record.error_type);
}

function writeChoiceAttributes(sink: AttributeSink<NameOn<"route">>, record: RequestRecord): void {
  sink.double("switchyard.confidence", record.confidence);
  sink.text("switchyard.confidence.source", record.confidence_source);
  sink.text("switchyard.plan.digest", record.plan_digest);
  sink.double("switchyard.plan.lambda", record.plan?.lambda ?? null);
  sink.text("switchyard.plan.rollout", record.plan?.rollout ?? null);
  sink.text("switchyard.arm", record.arm);
}

export function writeSafetyAttributes(
  sink: AttributeSink<NameOn<"safety">>,
  { filter, type, owner, stage, action, rules, failure }: SafetyObservation,
): void {
  sink.text("switchyard.filter.name", filter);
  sink.text("switchyard.filter.type", type);
  sink.text("switchyard.filter.owner", owner);
  sink.text("switchyard.safety.stage", stage);
  sink.text("switchyard.safety.action", action);
  sink.texts("switchyard.safety.rules", rules);
  sink.text("switchyard.safety.failure", failure);
  sink.text("error.type", failure === null ? null : `filter_${failure}`);
}

/** What a sampler would be shown of a CLIENT span comes first: the conventions want it at creation. */
export function writeAttemptAttributes(
  sink: AttributeSink<NameOn<"attempt">>,
  { record, parameters }: RequestObservation,
  attempt: AttemptRecord,
  observed: AttemptObservation,
  number: number,
): void {
  const end = attemptEnd(attempt);
  sink.text("gen_ai.operation.name", record.operation ?? "chat");
  sink.text("gen_ai.provider.name", observed.provider);
  sink.text("gen_ai.request.model", observed.requestModel);
  sink.text("server.address", observed.serverAddress);
  sink.int("server.port", observed.serverPort);
  if (parameters !== null) writeParameters(sink, parameters);
  sink.flag("gen_ai.request.stream", observed.streaming);
  sink.text("gen_ai.response.id", observed.responseId);
  sink.text("gen_ai.response.model", observed.responseModel);
  sink.texts("gen_ai.response.finish_reasons", observed.finishReasons);
  sink.double("gen_ai.response.time_to_first_chunk", firstChunkSeconds(attempt, observed));
  if (attempt.tokens !== null) writeUsage(sink, attempt.tokens);
  sink.text("error.type", end.error);
  sink.text("switchyard.attempt.cancelled", end.cancelled);
  sink.int("http.response.status_code", attempt.status);
  sink.text("cloud.region", observed.region);
  sink.text("aws.request_id", observed.awsRequestId);
  sink.text("aws.bedrock.guardrail.id", observed.guardrailId);
  sink.text("switchyard.backend", attempt.backend);
  sink.text("switchyard.attempt.kind", attempt.kind);
  sink.int("switchyard.attempt.number", number);
  sink.double("switchyard.cost_usd", attempt.cost_usd);
}

function writeParameters(
  sink: AttributeSink<NameOn<"attempt">>,
  { maxTokens, temperature, topP }: ParametersObservation,
): void {
  sink.int("gen_ai.request.max_tokens", maxTokens);
  sink.double("gen_ai.request.temperature", temperature);
  sink.double("gen_ai.request.top_p", topP);
}

function firstChunkSeconds(attempt: AttemptRecord, observed: AttemptObservation): number | null {
  return observed.streaming && attempt.ttft_ms !== null ? attempt.ttft_ms / 1_000 : null;
}

function writeUsage(
  sink: AttributeSink<NameOn<"attempt">>,
  tokens: NonNullable<AttemptRecord["tokens"]>,
): void {
  const input = tokens.in + tokens.cache_read + tokens.cache_write;
  sink.int("gen_ai.usage.input_tokens", input);
  sink.int("gen_ai.usage.output_tokens", tokens.out);
  sink.int("gen_ai.usage.cache_read.input_tokens", tokens.cache_read);
  sink.int("gen_ai.usage.cache_creation.input_tokens", tokens.cache_write);
  sink.int("gen_ai.usage.reasoning.output_tokens", tokens.reasoning);
}
