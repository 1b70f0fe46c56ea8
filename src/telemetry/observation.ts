import type { RequestRecord } from "../records/index.ts";

/**
 * All that telemetry learns of a request, handed over once, when it has ended. Plain data; every key
 * is always there, with null for what is not known, so that all observations share one shape.
 * Times are milliseconds (fractions welcome) from the request's arrival, by a clock that never steps
 * back. The observation belongs to telemetry once it is handed over: it may be read up to seconds later.
 */
export interface RequestObservation {
  /** `trace_id` and `span_id` are not read: fill them with what `observe` returns. */
  record: RequestRecord;
  /** Arrival, in milliseconds since the Unix epoch. */
  startedAt: number;
  http: HttpObservation;
  /** Null where the request ended before a candidate was chosen. */
  routing: RoutingObservation | null;
  /** What it was promised; null where the request ended before a route was found. */
  objectives: ObjectivesObservation | null;
  /** Null where the body was not understood. */
  parameters: ParametersObservation | null;
  /** One for each of `record.attempts`, in the same order. */
  attempts: readonly AttemptObservation[];
  /** One for each safety filter that looked, at each stage. */
  safety: readonly SafetyObservation[];
  /** Of the request whose answer this call measures, a shadow's or a judge's; null of users' requests. */
  original: TraceIds | null;
}

/** What a safety filter did with the texts of one stage. */
export interface SafetyObservation {
  filter: string;
  type: string;
  owner: "tenant" | "route";
  stage: "input" | "output";
  action: "allow" | "observe" | "redact" | "block";
  failure: "failed" | "late" | null;
  /** The ids of the rules that matched. */
  rules: readonly string[];
  /** When it first looked, and how long it looked in all. */
  offset: number;
  duration: number;
}

export interface HttpObservation {
  method: string;
  /** The matched pattern, such as `/v1/chat/completions`; null where none matched. */
  route: string | null;
  /** Without the query. */
  path: string;
  scheme: "http" | "https";
  /** `1.0`, `1.1` or `2`. */
  protocolVersion: string;
  /** What the client addressed: the Host header without its port, else the local address. */
  serverAddress: string;
  serverPort: number;
  /** The headers as they came; what does not parse is ignored. Baggage is never taken. */
  traceparent: string | null;
  tracestate: string | null;
}

export interface RoutingObservation {
  /** When choosing began, and how long it took. */
  offset: number;
  duration: number;
  /** Backends of the chain, best first. */
  candidates: readonly string[];
  /** The first of the chain. */
  chosen: string | null;
  /** Why it was chosen: a short code, never free text. */
  reason: string | null;
}

/** An envelope; absent members promise nothing. */
export interface ObjectivesObservation {
  firstTokenP95Ms?: number;
  totalP95Ms?: number;
  maxMicroUsd?: number;
}

/** Numbers alone: stop sequences are the client's own words. */
export interface ParametersObservation {
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
}

/** What spans need of an attempt besides its `AttemptRecord`. */
export interface AttemptObservation {
  /** When the attempt began; it ended `AttemptRecord.ms` later. */
  offset: number;
  /** `aws.bedrock` or `aws.sagemaker`. */
  provider: string;
  /** The id that the provider was asked for: a Bedrock model id or ARN, a SageMaker endpoint's name. */
  requestModel: string;
  responseModel: string | null;
  responseId: string | null;
  finishReasons: readonly string[] | null;
  /** Whether the provider was asked for a stream. */
  streaming: boolean;
  /** Chunks of output after the first; 0 where the answer came whole. */
  laterChunks: number;
  serverAddress: string;
  serverPort: number;
  region: string;
  guardrailId: string | null;
  awsRequestId: string | null;
}

/** The answer that was judged. */
export interface AnswerObservation {
  /** The span under which it was given. */
  span: TraceIds;
  /** The provider's id of it. */
  responseId: string | null;
}

/** The request's place in its trace, in lower-case hex. */
export interface TraceIds {
  traceId: string;
  /** Of the SERVER span. */
  spanId: string;
}
