// Requests that have ended, as telemetry and records see them.
import type {
  AttemptRecord,
  LedgerLine,
  RequestRecord,
  LabelRecord,
  SafetyRecord,
} from "../../src/records/index.ts";
import type { AttemptObservation, RequestObservation } from "../../src/telemetry/index.ts";

export function makeAttemptRecord(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    backend: "nova-lite",
    kind: "first",
    sent: true,
    start_ms: 0.4,
    ms: 400,
    ttft_ms: 100,
    status: 200,
    error_type: null,
    frames: 12,
    tokens: { in: 100, out: 40, cache_read: 20, cache_write: 5, cache_write_1h: 0, reasoning: 10 },
    token_source: "provider",
    cost_usd: 0.000123,
    ...changes,
  };
}

function makeLedgerLine(): LedgerLine {
  return {
    kind: "answer",
    backend: "nova-lite",
    tokens: { in: 100, out: 40, cache_read: 20, cache_write: 5, cache_write_1h: 0, reasoning: 10 },
    units: null,
    cost_usd: 0.000123,
    basis: "metered",
  };
}

export function makeRecord(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    schema_version: 1,
    ts: "2027-03-04T05:06:07.890Z",
    level: "info",
    stream: "request",
    request_id: "req-1",
    trace_id: "",
    span_id: "",
    namespace: "shop",
    tenant: "checkout",
    key_id: "key-1",
    subject_type: "ApiKey",
    route: "support-chat",
    class: "default",
    table_digest: "sha256:abc",
    plan_digest: null,
    plan: null,
    classifier_digest: null,
    operation: "chat",
    request_model: "support",
    response_model: "amazon.nova-lite-v1:0",
    provider: "aws.bedrock",
    region: "eu-west-1",
    attempts: [makeAttemptRecord()],
    fallback_reason: null,
    would_refuse: [],
    would_divert: [],
    denied: null,
    streaming: true,
    status: 200,
    finish_reason: "stop",
    error_type: null,
    latency_ms: 410,
    ttft_ms: 105,
    overhead_ms: 0.8,
    upstream_latency_ms: 400,
    tokens: { in: 100, out: 40, cache_read: 20, cache_write: 5, cache_write_1h: 0, reasoning: 10 },
    token_source: "provider",
    cost_usd: 0.000123,
    ledger: [makeLedgerLine()],
    baseline_cost_usd: 0.000456,
    choice_reason: "cheapest",
    confidence: 0.9,
    confidence_source: "tier",
    unfamiliar: [],
    estimates: [
      {
        backend: "nova-lite",
        p_correct: 0.9,
        cost_usd: 0.0001,
        expected_cost_usd: 0.00006,
        ttft_p95_ms: 120,
        total_p95_ms: 500,
        in_envelope: true,
        dropped: null,
      },
    ],
    arm: null,
    prompt_id: null,
    envelope_missed: false,
    limits: null,
    safety: null,
    bytes_in: 321,
    bytes_out: 654,
    aws_request_id: "aws-1",
    client_aborted: false,
    ...changes,
  };
}

export function makeAttemptObservation(
  changes: Partial<AttemptObservation> = {},
): AttemptObservation {
  return {
    offset: 2,
    provider: "aws.bedrock",
    requestModel: "amazon.nova-lite-v1:0",
    responseModel: "amazon.nova-lite-v1:0",
    responseId: "answer-1",
    finishReasons: ["stop"],
    streaming: true,
    laterChunks: 30,
    serverAddress: "bedrock-runtime.eu-west-1.amazonaws.com",
    serverPort: 443,
    region: "eu-west-1",
    guardrailId: "guardrail-1",
    awsRequestId: "aws-1",
    ...changes,
  };
}

/** A verdict that blocked an answer of the record that `makeRecord` makes. */
export function makeSafetyRecord(changes: Partial<SafetyRecord> = {}): SafetyRecord {
  const { ts, request_id, trace_id, namespace, route, tenant, key_id } = makeRecord();
  return {
    schema_version: 1,
    ts,
    level: "warn",
    stream: "safety",
    request_id,
    trace_id,
    namespace,
    class: "default",
    tenant,
    key_id,
    route,
    backend: "nova-lite",
    filter: "people",
    filter_type: "Pii",
    owner: "tenant",
    stage: "output",
    place: "choices[0].message.content",
    action: "block",
    failure: null,
    matches: [{ rule: "pii/email", start: 4, end: 20 }],
    match_count: 1,
    ...changes,
  };
}

/** A golden set's check of the answer of the record that `makeRecord` makes. */
export function makeLabel(changes: Partial<LabelRecord> = {}): LabelRecord {
  const { ts, request_id, namespace, route } = makeRecord();
  return {
    schema_version: 1,
    ts,
    level: "info",
    stream: "label",
    label_id: `golden/${request_id}`,
    request_id,
    prompt_id: "golden:sums/sum-1",
    namespace,
    class: "default",
    route,
    tenant: null,
    backend: "nova-lite",
    source: "golden",
    check: "numeric",
    judge: null,
    score: 1,
    heads: [0.5, 0.6, 0.7, 0.8],
    classifier_digest: "feed",
    cost_usd: 0,
    ...changes,
  };
}

export function makeObservation(changes: Partial<RequestObservation> = {}): RequestObservation {
  return {
    record: makeRecord(),
    startedAt: Date.parse("2027-03-04T05:06:07.890Z"),
    http: {
      method: "POST",
      route: "/v1/chat/completions",
      path: "/v1/chat/completions",
      scheme: "http",
      protocolVersion: "1.1",
      serverAddress: "127.0.0.1",
      serverPort: 8080,
      traceparent: null,
      tracestate: null,
    },
    routing: {
      offset: 1,
      duration: 0.2,
      candidates: ["nova-lite", "nova-pro"],
      chosen: "nova-lite",
      reason: "Cheapest",
    },
    objectives: { firstTokenP95Ms: 1_500, totalP95Ms: 8_000, maxMicroUsd: 2_000 },
    parameters: { maxTokens: 256, temperature: 0.2, topP: 0.9 },
    attempts: [makeAttemptObservation()],
    safety: [],
    original: null,
    ...changes,
  };
}

/** A request whose first candidate was throttled, so that the second one answered. */
export function makeFallbackObservation(): RequestObservation {
  const throttled = makeAttemptRecord({
    ms: 30,
    ttft_ms: null,
    status: 429,
    error_type: "throttled",
    tokens: null,
    cost_usd: null,
  });
  const answered = makeAttemptRecord({ backend: "llama", kind: "fallback" });
  return makeObservation({
    record: makeRecord({
      attempts: [throttled, answered],
      fallback_reason: "RateLimited",
      latency_ms: 440,
      level: "warn",
    }),
    attempts: [
      makeAttemptObservation({
        responseModel: null,
        responseId: null,
        finishReasons: null,
        laterChunks: 0,
      }),
      makeAttemptObservation({
        offset: 33,
        provider: "aws.sagemaker",
        requestModel: "llama-endpoint",
        serverAddress: "runtime.sagemaker.eu-west-1.amazonaws.com",
        guardrailId: null,
      }),
    ],
  });
}
