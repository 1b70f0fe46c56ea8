import type { Attributes } from "@opentelemetry/api";
import type { AttemptRecord, RequestRecord } from "../records/index.ts";
import type { AttributeName, spans } from "./names.ts";
import type {
  AttemptObservation,
  ParametersObservation,
  RequestObservation,
} from "./observation.ts";
import { outcomeOf } from "./outcome.ts";

type Value = string | number | boolean | readonly string[] | null;
type AttributesOf<Span extends keyof typeof spans> = Partial<
  Record<(typeof spans)[Span]["required" | "optional"][number], Value>
>;

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

export function requestAttributes(
  observation: RequestObservation,
  keptByOutcome: boolean,
): Attributes {
  const { record, http } = observation;
  return withoutNulls<AttributesOf<"request">>({
    "http.request.method": methodOf(http.method),
    "http.route": http.route,
    "url.path": http.path.slice(0, maxText),
    "url.scheme": http.scheme,
    "http.response.status_code": record.status,
    "server.address": http.serverAddress.slice(0, maxText),
    "server.port": http.serverPort,
    "network.protocol.version": http.protocolVersion,
    "http.request.body.size": record.bytes_in,
    "http.response.body.size": record.bytes_out,
    "switchyard.request.id": record.request_id,
    "switchyard.outcome": outcomeOf(record),
    "error.type": requestError(record),
    "switchyard.sampled_by": keptByOutcome ? "outcome" : null,
  });
}

/** The error of a SERVER span: a client's own mistakes are none. */
export function requestError(record: RequestRecord): string | null {
  if (record.status >= 500) return record.error_type ?? String(record.status);
  return record.status < 400 && !record.client_aborted ? record.error_type : null;
}

export function routeAttributes({ record, routing }: RequestObservation): Attributes {
  return withoutNulls<AttributesOf<"route">>({
    "switchyard.namespace": record.namespace,
    "switchyard.class": record.class,
    "switchyard.route": record.route,
    "switchyard.tenant": record.tenant,
    "switchyard.table.digest": record.table_digest,
    "switchyard.candidates": routing?.candidates ?? [],
    "switchyard.chosen": routing?.chosen ?? null,
    "switchyard.reason": routing?.reason ?? null,
    "switchyard.fallback.reason": record.fallback_reason,
    "switchyard.confidence": record.confidence,
    "switchyard.envelope.missed": record.envelope_missed,
    "switchyard.cost_usd": record.cost_usd,
    "switchyard.baseline_cost_usd": record.baseline_cost_usd,
    "error.type": requestError(record),
  });
}

/** What a sampler would be shown of a CLIENT span comes first: the conventions want it at creation. */
export function attemptAttributes(
  { record, parameters }: RequestObservation,
  attempt: AttemptRecord,
  observed: AttemptObservation,
  number: number,
): Attributes {
  return withoutNulls<AttributesOf<"attempt">>({
    "gen_ai.operation.name": record.operation ?? "chat",
    "gen_ai.provider.name": observed.provider,
    "gen_ai.request.model": observed.requestModel,
    "server.address": observed.serverAddress,
    "server.port": observed.serverPort,
    ...parameterAttributes(parameters),
    "gen_ai.request.stream": observed.streaming,
    "gen_ai.response.id": observed.responseId,
    "gen_ai.response.model": observed.responseModel,
    "gen_ai.response.finish_reasons": observed.finishReasons,
    "gen_ai.response.time_to_first_chunk": firstChunkSeconds(attempt, observed),
    ...usageAttributes(attempt),
    "error.type": attempt.error_type,
    "http.response.status_code": attempt.status,
    "cloud.region": observed.region,
    "aws.request_id": observed.awsRequestId,
    "aws.bedrock.guardrail.id": observed.guardrailId,
    "switchyard.backend": attempt.backend,
    "switchyard.attempt.kind": attempt.kind,
    "switchyard.attempt.number": number,
    "switchyard.cost_usd": attempt.cost_usd,
  });
}

function parameterAttributes(parameters: ParametersObservation | null): AttributesOf<"attempt"> {
  if (parameters === null) return {};
  return {
    "gen_ai.request.max_tokens": parameters.maxTokens,
    "gen_ai.request.temperature": parameters.temperature,
    "gen_ai.request.top_p": parameters.topP,
    "gen_ai.request.stop_sequences": parameters.stop?.map((text) => text.slice(0, maxText)) ?? null,
  };
}

function firstChunkSeconds(attempt: AttemptRecord, observed: AttemptObservation): number | null {
  return observed.streaming && attempt.ttft_ms !== null ? attempt.ttft_ms / 1_000 : null;
}

function usageAttributes({ tokens }: AttemptRecord): AttributesOf<"attempt"> {
  if (tokens === null) return {};
  return {
    "gen_ai.usage.input_tokens": tokens.in + tokens.cache_read + tokens.cache_write,
    "gen_ai.usage.output_tokens": tokens.out,
    "gen_ai.usage.cache_read.input_tokens": tokens.cache_read,
    "gen_ai.usage.cache_creation.input_tokens": tokens.cache_write,
    "gen_ai.usage.reasoning.output_tokens": tokens.reasoning,
  };
}

function withoutNulls<Given extends Partial<Record<AttributeName, Value>>>(
  given: Given,
): Attributes {
  const attributes: Attributes = {};
  for (const name of Object.keys(given) as (keyof Given & string)[]) {
    const value = given[name] as Value | undefined;
    if (value === null || value === undefined) continue;
    attributes[name] = Array.isArray(value) ? [...(value as readonly string[])] : (value as string);
  }
  return attributes;
}
