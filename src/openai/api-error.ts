import { CodedError } from "../lib/index.ts";

interface Traits {
  status: number;
  /** `error.type` of OpenAI's error body. */
  type: string;
}

const invalid = { status: 400, type: "invalid_request_error" } as const;
const unauthorized = { status: 401, type: "authentication_error" } as const;
const unavailable = { status: 503, type: "server_error" } as const;

/** Every failure that the router itself answers with; `error.code` is the key. `docs/errors.md` says what each means. */
export const apiErrors = {
  invalid_json: invalid,
  invalid_request_error: invalid,
  unsupported_content: invalid,
  route_type_mismatch: invalid,
  no_candidate: invalid,
  context_length_exceeded: invalid,
  content_filter: invalid,
  missing_api_key: unauthorized,
  invalid_api_key: unauthorized,
  expired_api_key: unauthorized,
  invalid_token: unauthorized,
  expired_token: unauthorized,
  tenant_denied: { status: 403, type: "permission_error" },
  admin_only: { status: 403, type: "permission_error" },
  model_not_found: { status: 404, type: "invalid_request_error" },
  not_found: { status: 404, type: "invalid_request_error" },
  method_not_allowed: { status: 405, type: "invalid_request_error" },
  request_timeout: { status: 408, type: "invalid_request_error" },
  body_too_large: { status: 413, type: "invalid_request_error" },
  unsupported_media_type: { status: 415, type: "invalid_request_error" },
  headers_too_large: { status: 431, type: "invalid_request_error" },
  overloaded: { status: 429, type: "rate_limit_exceeded" },
  rate_limit_exceeded: { status: 429, type: "rate_limit_exceeded" },
  insufficient_quota: { status: 429, type: "insufficient_quota" },
  limits_unavailable: unavailable,
  not_ready: unavailable,
  identity_unavailable: unavailable,
  no_backend: unavailable,
  shutting_down: unavailable,
  internal_error: { status: 500, type: "server_error" },
} as const satisfies Record<string, Traits>;

export type ApiErrorCode = keyof typeof apiErrors;

/** One attempt of a failed request, as the client may see it. */
export interface FailedAttempt {
  backend: string;
  /** A code of `docs/errors.md`. */
  code: string;
  message: string;
}

interface Details {
  /** The field at fault, as a path such as `messages[2].content[0].type`. */
  param?: string | undefined;
  /** Response headers that the error wants, such as `retry-after`; lower-case names. */
  headers?: Readonly<Record<string, string>> | undefined;
  attempts?: readonly FailedAttempt[] | undefined;
  rules?: readonly string[] | undefined;
  cause?: unknown;
}

/** A failure that the router answers with itself, in OpenAI's shape. */
export class ApiError extends CodedError<ApiErrorCode> {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempts: readonly FailedAttempt[] | undefined;
  readonly rules: readonly string[] | undefined;

  /** @param message for the client: what is wrong and what is allowed */
  constructor(code: ApiErrorCode, message: string, details: Details = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ApiError";
    this.status = apiErrors[code].status;
    this.type = apiErrors[code].type;
    this.param = details.param ?? null;
    this.headers = details.headers ?? {};
    this.attempts = details.attempts;
    this.rules = details.rules;
  }
}
