// The one table of names: every attribute, span, metric and log key. What has a name in the
// OpenTelemetry conventions carries that one, as of the version pinned here; the rest is `switchyard.*`.
// docs/telemetry.md shows these tables, and a test compares the two.

/** The release of the OpenTelemetry semantic conventions that the names follow. */
export const conventionsVersion = "1.41.1";
export const schemaUrl = `https://opentelemetry.io/schemas/${conventionsVersion}`;
export const scopeName = "switchyard";

export type AttributeType = "string" | "int" | "double" | "boolean" | "string[]";

interface AttributeSpec {
  type: AttributeType;
  description: string;
}

export const attributes = {
  "error.type": { type: "string", description: "The code of the error; absent on success" },
  "http.request.method": { type: "string", description: "The method; `_OTHER` if not a known one" },
  "http.route": { type: "string", description: "The matched path pattern" },
  "http.response.status_code": { type: "int", description: "The HTTP status" },
  "http.request.body.size": { type: "int", description: "Bytes of the request's body" },
  "http.response.body.size": { type: "int", description: "Bytes of the response's body" },
  "url.path": { type: "string", description: "The path, without the query" },
  "url.scheme": { type: "string", description: "`http` or `https`" },
  "network.protocol.version": { type: "string", description: "`1.0`, `1.1` or `2`" },
  "server.address": { type: "string", description: "The host that was addressed" },
  "server.port": { type: "int", description: "The port that was addressed" },
  "cloud.region": { type: "string", description: "The region that was called" },
  "aws.request_id": { type: "string", description: "AWS's id of the call" },
  "aws.bedrock.guardrail.id": { type: "string", description: "The guardrail that the call names" },
  "gen_ai.operation.name": { type: "string", description: "`chat` or `embeddings`" },
  "gen_ai.provider.name": { type: "string", description: "`aws.bedrock` or `aws.sagemaker`" },
  "gen_ai.request.model": { type: "string", description: "The model that was asked for, as its provider names it" },
  "gen_ai.request.max_tokens": { type: "int", description: "The bound on output tokens" },
  "gen_ai.request.temperature": { type: "double", description: "The temperature" },
  "gen_ai.request.top_p": { type: "double", description: "The nucleus sampling share" },
  "gen_ai.request.stop_sequences": { type: "string[]", description: "The stop sequences" },
  "gen_ai.request.stream": { type: "boolean", description: "Whether a stream was asked for" },
  "gen_ai.response.id": { type: "string", description: "The provider's id of the answer" },
  "gen_ai.response.model": { type: "string", description: "The model that answered" },
  "gen_ai.response.finish_reasons": { type: "string[]", description: "Why the answer ended" },
  "gen_ai.response.time_to_first_chunk": { type: "double", description: "Seconds to the first chunk of a stream" },
  "gen_ai.usage.input_tokens": { type: "int", description: "Input tokens, cached ones included" },
  "gen_ai.usage.output_tokens": { type: "int", description: "Output tokens, reasoning included" },
  "gen_ai.usage.cache_read.input_tokens": { type: "int", description: "Input tokens read from a cache" },
  "gen_ai.usage.cache_creation.input_tokens": { type: "int", description: "Input tokens written to a cache" },
  "gen_ai.usage.reasoning.output_tokens": { type: "int", description: "Output tokens spent on reasoning" },
  "gen_ai.token.type": { type: "string", description: "`input` or `output`" },
  "switchyard.request.id": { type: "string", description: "The id that the client got" },
  "switchyard.outcome": { type: "string", description: "`answered`, `refused`, `limited`, `failed` or `aborted`" },
  "switchyard.namespace": { type: "string", description: "The namespace of the group" },
  "switchyard.class": { type: "string", description: "The router class of the group" },
  "switchyard.route": { type: "string", description: "The route" },
  "switchyard.tenant": { type: "string", description: "The tenant; on metrics `other` past a bound" },
  "switchyard.table.digest": { type: "string", description: "The digest of the table" },
  "switchyard.candidates": { type: "string[]", description: "The backends of the chain, best first" },
  "switchyard.chosen": { type: "string", description: "The first of the chain" },
  "switchyard.reason": { type: "string", description: "Why it was chosen" },
  "switchyard.confidence": { type: "double", description: "The estimated probability of a correct answer" },
  "switchyard.envelope.missed": { type: "boolean", description: "Whether no eligible candidate was expected to keep the envelope" },
  "switchyard.fallback.reason": { type: "string", description: "Why the first candidate was left" },
  "switchyard.cost_usd": { type: "double", description: "The cost in USD" },
  "switchyard.baseline_cost_usd": { type: "double", description: "What the baseline would have cost, in USD" },
  "switchyard.backend": { type: "string", description: "The backend" },
  "switchyard.attempt.kind": { type: "string", description: "`first`, `retry`, `fallback`, `hedge` or `shadow`" },
  "switchyard.attempt.number": { type: "int", description: "From 1, in the order of starts" },
  "switchyard.sampled_by": { type: "string", description: "`outcome` if kept although the sampler's ratio said no" },
  "switchyard.refusal": { type: "string", description: "Why a table was refused" },
  "otel.metric.overflow": { type: "boolean", description: "True on the one series that takes all past a metric's bound" },
} as const satisfies Record<string, AttributeSpec>;

export type AttributeName = keyof typeof attributes;

interface SpanSpec {
  name: string;
  kind: "SERVER" | "INTERNAL" | "CLIENT";
  parent: string;
  required: readonly AttributeName[];
  optional: readonly AttributeName[];
}

export const spans = {
  request: {
    name: "{http.request.method} {http.route}",
    kind: "SERVER",
    parent: "the caller's span, if `traceparent` names one",
    required: ["http.request.method", "url.path", "url.scheme", "http.response.status_code", "server.address",
      "server.port", "network.protocol.version", "http.request.body.size", "http.response.body.size",
      "switchyard.request.id", "switchyard.outcome"],
    optional: ["http.route", "error.type", "switchyard.sampled_by"],
  },
  route: {
    name: "switchyard.route",
    kind: "INTERNAL",
    parent: "request",
    required: ["switchyard.namespace", "switchyard.class", "switchyard.candidates", "switchyard.envelope.missed",
      "switchyard.cost_usd"],
    optional: ["switchyard.route", "switchyard.tenant", "switchyard.table.digest", "switchyard.chosen", "switchyard.reason",
      "switchyard.fallback.reason", "switchyard.confidence", "switchyard.baseline_cost_usd", "error.type"],
  },
  attempt: {
    name: "{gen_ai.operation.name} {gen_ai.request.model}",
    kind: "CLIENT",
    parent: "route",
    required: ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "server.address", "server.port",
      "gen_ai.request.stream", "cloud.region", "switchyard.backend", "switchyard.attempt.kind", "switchyard.attempt.number"],
    optional: ["gen_ai.request.max_tokens", "gen_ai.request.temperature", "gen_ai.request.top_p", "gen_ai.request.stop_sequences",
      "gen_ai.response.id", "gen_ai.response.model", "gen_ai.response.finish_reasons", "gen_ai.response.time_to_first_chunk",
      "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens",
      "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens", "error.type",
      "http.response.status_code", "aws.request_id", "aws.bedrock.guardrail.id", "switchyard.cost_usd"],
  },
} as const satisfies Record<string, SpanSpec>;

export interface MetricSpec {
  kind: "counter" | "updowncounter" | "gauge" | "histogram";
  unit: string;
  description: string;
  required: readonly AttributeName[];
  optional: readonly AttributeName[];
  /** Of a histogram: upper bounds on `/metrics`. */
  boundaries?: readonly number[];
  /** Of a histogram: whether OTLP gets it as an exponential one. */
  exponential?: boolean;
}

/** From `first`, each `factor` times the one before it. */
const series = (first: number, factor: number, length: number) =>
  Array.from({ length }, (_, index) => Number((first * factor ** index).toPrecision(6)));

const durations = { kind: "histogram", unit: "s", boundaries: series(0.01, 2, 14) } as const;
const ofCall = ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "switchyard.backend"] as const;
const ofPlace = ["switchyard.route", "switchyard.tenant"] as const;
const clientCall = { required: ofCall, optional: ofPlace, exponential: true } as const;
const serverCall = {
  required: ["gen_ai.operation.name", "gen_ai.provider.name"],
  optional: ["gen_ai.request.model", ...ofPlace],
  exponential: true,
} as const;
const plain = { required: [], optional: [] } as const;

export const metrics = {
  "gen_ai.client.token.usage": {
    ...clientCall, kind: "histogram", unit: "{token}", boundaries: series(1, 4, 14),
    required: [...ofCall, "gen_ai.token.type"], description: "Tokens of an attempt",
  },
  "gen_ai.client.operation.duration": {
    ...durations, ...clientCall, optional: [...ofPlace, "error.type"], description: "Duration of an attempt",
  },
  "gen_ai.client.operation.time_to_first_chunk": {
    ...durations, ...clientCall, description: "Time to the first chunk of a streamed attempt",
  },
  "gen_ai.client.operation.time_per_output_chunk": {
    ...durations, ...clientCall, description: "Time between chunks of a streamed attempt, as its mean for each later chunk",
  },
  "gen_ai.server.request.duration": {
    ...durations, ...serverCall, optional: [...serverCall.optional, "error.type"],
    description: "Duration of a request for which a provider was called",
  },
  "gen_ai.server.time_to_first_token": {
    ...durations, ...serverCall, description: "Time to the first token sent to the client",
  },
  "switchyard.requests": {
    kind: "counter", unit: "{request}", required: ["switchyard.outcome"],
    optional: [...ofPlace, "gen_ai.operation.name"], description: "Requests, by outcome",
  },
  "switchyard.request.overhead": {
    kind: "histogram", unit: "s", boundaries: series(0.000125, 2, 14), required: [], optional: ["switchyard.route"],
    exponential: true, description: "What Switchyard adds to a request: its time without its attempts'",
  },
  "switchyard.requests.active": { ...plain, kind: "gauge", unit: "{request}", description: "Requests under way" },
  "switchyard.envelope.missed": {
    kind: "counter", unit: "{request}", required: [], optional: ofPlace,
    description: "Requests for which no eligible candidate was expected to keep the envelope",
  },
  "switchyard.fallbacks": {
    kind: "counter", unit: "{fallback}", required: ["switchyard.fallback.reason", "switchyard.backend"],
    optional: ["switchyard.route"], description: "Requests that left their first candidate, by it and the reason",
  },
  "switchyard.attempts": {
    kind: "counter", unit: "{attempt}", required: ["switchyard.backend", "switchyard.attempt.kind"],
    optional: ["switchyard.route", "error.type"], description: "Attempts, by kind and error",
  },
  "switchyard.cost_usd": {
    kind: "counter", unit: "{USD}", required: ["switchyard.backend"], optional: ofPlace, description: "What attempts cost",
  },
  "switchyard.saved_usd": {
    kind: "updowncounter", unit: "{USD}", required: [], optional: ofPlace,
    description: "What requests cost less than their baseline would have; negative where more",
  },
  "switchyard.table.info": {
    kind: "gauge", unit: "1", required: ["switchyard.table.digest"], optional: [], description: "1, for the table in use",
  },
  "switchyard.table.age": { ...plain, kind: "gauge", unit: "s", description: "Time since the table in use was adopted" },
  "switchyard.table.routes": { ...plain, kind: "gauge", unit: "{route}", description: "Routes in the table in use" },
  "switchyard.table.backends": { ...plain, kind: "gauge", unit: "{backend}", description: "Backends in the table in use" },
  "switchyard.table.tenants": { ...plain, kind: "gauge", unit: "{tenant}", description: "Tenants in the table in use" },
  "switchyard.table.loads": { ...plain, kind: "counter", unit: "{table}", description: "Tables adopted" },
  "switchyard.table.refusals": {
    kind: "counter", unit: "{table}", required: ["switchyard.refusal"], optional: [], description: "Tables refused, by reason",
  },
  "switchyard.records.dropped": {
    ...plain, kind: "counter", unit: "{record}", description: "Records that could not be written",
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof metrics;

/** Keys of operational log lines, besides `level`, `ts` and `message`. */
export const logKeys = {
  address: "A host and port that is listened on or called",
  backend: "A backend's name",
  count: "How many, of what the message names",
  digest: "A table's digest",
  duration_ms: "How long it took, in milliseconds",
  error: "An error's message",
  error_code: "An error's code",
  file: "A file's path",
  finding: "A finding's reason",
  kind: "A resource's kind",
  name: "A resource's name",
  namespace: "A resource's namespace",
  reason: "A short code that says why",
  request_id: "A request's id",
  route: "A route's name",
  signal: "The signal that the process got",
  tenant: "A tenant's name",
  trace_id: "A trace's id",
} as const satisfies Record<string, string>;

export type LogKey = keyof typeof logKeys;
