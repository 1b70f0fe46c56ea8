/** Why a caller gets no further; each is a code of the API's own errors. */
export type RefusalCode =
  | "missing_api_key"
  | "invalid_api_key"
  | "expired_api_key"
  | "invalid_token"
  | "expired_token"
  | "identity_unavailable"
  | "tenant_denied"
  | "model_not_found";

export interface Refusal {
  code: RefusalCode;
  /** For the client: what is missing, and nothing about what exists. */
  message: string;
  /** The field of the request at fault, where there is one. */
  param?: string;
  /** When asking again may help. */
  retryAfterMs?: number;
  /** A short code of what was wrong, finer than what the client is told: for telemetry alone. */
  reason?: string;
  /** Set where the subject is known although it opens nothing: for the record alone. */
  keyId?: string;
  subjectType?: SubjectType;
  tenant?: string;
}

/** How a caller showed who it is. */
export type SubjectType = "ApiKey" | "Jwt" | "ServiceAccount";

const longestEcho = 128;

/** One sentence for a name that nobody serves and for one that this caller may not use. */
export function modelNotFound(model: string): Refusal {
  const name = model.length > longestEcho ? `${model.slice(0, longestEcho)}…` : model;
  return {
    code: "model_not_found",
    reason: "model",
    message: `The model "${name}" does not exist, or you do not have access to it.`,
    param: "model",
  };
}
