/** Why a caller gets no further; each is a code of the API's own errors. */
export type RefusalCode =
  | "missing_api_key"
  | "invalid_api_key"
  | "expired_api_key"
  | "tenant_denied"
  | "model_not_found";

export interface Refusal {
  code: RefusalCode;
  /** For the client: what is missing, and nothing about what exists. */
  message: string;
  /** The field of the request at fault, where there is one. */
  param?: string;
  /** Set where the key is known although it opens nothing: for the record alone. */
  keyId?: string;
  tenant?: string;
}

const longestEcho = 128;

/** One sentence for a name that nobody serves and for one that this caller may not use. */
export function modelNotFound(model: string): Refusal {
  const name = model.length > longestEcho ? `${model.slice(0, longestEcho)}…` : model;
  return {
    code: "model_not_found",
    message: `The model "${name}" does not exist, or you do not have access to it.`,
    param: "model",
  };
}
