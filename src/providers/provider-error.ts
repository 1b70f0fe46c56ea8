import { CodedError } from "../lib/index.ts";
import type { Usage } from "../openai/index.ts";
import type { FallbackReason } from "../table/index.ts";

interface Traits {
  /** The HTTP status that the client gets when no candidate can do better. */
  status: number;
  /** `error.type` and `error.code` of OpenAI's error body. */
  type: string;
  clientCode: string;
  /** Whether the same candidate may be asked once more. */
  retryable: boolean;
  /** Why the chain may move on; null where no other candidate would fare better. */
  fallback: FallbackReason | null;
  counts: Counts;
}

/**
 * Whether the failure speaks against the backend's health. What a request can bring about at will counts in
 * the share of failures alone: a tenant must not be able to eject a backend by a handful of requests.
 */
type Counts = boolean | "in_share";

const server = { status: 502, type: "server_error", clientCode: "server_error" } as const;

/** Every way in which a provider fails, and what follows from it. */
export const providerErrors = {
  throttled: {
    status: 429,
    type: "rate_limit_exceeded",
    clientCode: "rate_limit_exceeded",
    retryable: false,
    fallback: "RateLimited",
    counts: true,
  },
  model_not_ready: {
    status: 429,
    type: "rate_limit_exceeded",
    clientCode: "rate_limit_exceeded",
    retryable: true,
    fallback: "RateLimited",
    counts: true,
  },
  /** Born in the router, which has as many calls open as the backend may have: none was made. */
  backend_busy: {
    status: 429,
    type: "rate_limit_exceeded",
    clientCode: "rate_limit_exceeded",
    retryable: false,
    fallback: "RateLimited",
    counts: false,
  },
  quota_exceeded: {
    status: 429,
    type: "insufficient_quota",
    clientCode: "insufficient_quota",
    retryable: false,
    fallback: "RateLimited",
    counts: true,
  },
  context_overflow: {
    status: 400,
    type: "invalid_request_error",
    clientCode: "context_length_exceeded",
    retryable: false,
    fallback: "ContextOverflow",
    counts: false,
  },
  model_not_found: {
    status: 404,
    type: "invalid_request_error",
    clientCode: "model_not_found",
    retryable: false,
    fallback: "Unavailable",
    counts: true,
  },
  invalid_request: {
    status: 400,
    type: "invalid_request_error",
    clientCode: "invalid_request_error",
    retryable: false,
    fallback: null,
    counts: false,
  },
  access_denied: {
    status: 502,
    type: "api_error",
    clientCode: "api_error",
    retryable: false,
    fallback: "Unavailable",
    counts: true,
  },
  timeout: {
    status: 504,
    type: "timeout",
    clientCode: "timeout",
    retryable: false,
    fallback: "Timeout",
    counts: true,
  },
  slow_first_token: {
    status: 504,
    type: "timeout",
    clientCode: "timeout",
    retryable: false,
    fallback: "SlowFirstToken",
    counts: true,
  },
  model_error: { ...server, retryable: false, fallback: "ServerError", counts: true },
  /** A container's own 4xx: the request is at fault, and would be everywhere. */
  model_refused: {
    status: 400,
    type: "invalid_request_error",
    clientCode: "invalid_request_error",
    retryable: false,
    fallback: null,
    counts: false,
  },
  internal: { ...server, retryable: true, fallback: "ServerError", counts: true },
  unavailable: { ...server, status: 503, retryable: true, fallback: "ServerError", counts: true },
  connection_failed: { ...server, retryable: true, fallback: "ServerError", counts: true },
  stream_broken: { ...server, retryable: false, fallback: "StreamBroken", counts: true },
  empty_reply: { ...server, retryable: false, fallback: "ServerError", counts: "in_share" },
  malformed_reply: { ...server, retryable: false, fallback: "ServerError", counts: true },
  content_refused: {
    status: 400,
    type: "invalid_request_error",
    clientCode: "content_filter",
    retryable: false,
    fallback: "ProviderRefused",
    counts: false,
  },
  /** Born in the router, whose filters do not let the answer out. */
  filter_blocked: {
    status: 400,
    type: "invalid_request_error",
    clientCode: "content_filter",
    retryable: false,
    fallback: "FilterBlocked",
    counts: false,
  },
} as const satisfies Record<string, Traits>;

export type ProviderErrorCode = keyof typeof providerErrors;

interface Details {
  /** The client's field at fault, as a path, where one is. */
  param?: string | undefined;
  /** Honoured before a retry and passed on to the client. */
  retryAfterMs?: number | undefined;
  /** AWS's request id, for the record. */
  requestId?: string | undefined;
  /** The vendor's own status and error name, for the record. */
  upstreamStatus?: number | undefined;
  upstreamName?: string | undefined;
  /** Set where the router ended the call for reasons that say nothing of the backend's health. */
  counts?: false | undefined;
  /** What the provider told that it used: it bills what it answered, whatever is wrong with the answer. */
  usage?: Usage | undefined;
  /** What a filter found, for the client. */
  rules?: readonly string[] | undefined;
  /** Set where the router left before the bound that the backend declares had passed. */
  early?: true | undefined;
  cause?: unknown;
}

/** A provider's failure; all that the chain needs to know of it was decided where it was born. */
export class ProviderError extends CodedError<ProviderErrorCode> {
  readonly status: number;
  readonly type: string;
  readonly clientCode: string;
  readonly retryable: boolean;
  readonly fallback: FallbackReason | null;
  readonly counts: Counts;
  readonly details: Details;

  /** @param message for the client: no credential, no address, no stack */
  constructor(code: ProviderErrorCode, message: string, details: Details = {}) {
    super(code, message, { cause: details.cause });
    this.name = "ProviderError";
    const traits: Traits = providerErrors[code];
    this.status = traits.status;
    this.type = traits.type;
    this.clientCode = traits.clientCode;
    this.retryable = traits.retryable;
    this.fallback = traits.fallback;
    this.counts = details.counts ?? traits.counts;
    this.details = details;
  }
}
