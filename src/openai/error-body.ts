import type { FailedAttempt } from "./api-error.ts";

/** What an error body tells; an ApiError has this shape, and a provider's failure is put into it. */
export interface ErrorFacts {
  message: string;
  type: string;
  code: string;
  param?: string | null | undefined;
  attempts?: readonly FailedAttempt[] | undefined;
  rules?: readonly string[] | undefined;
}

export interface ErrorBody {
  error: {
    message: string;
    type: string;
    param: string | null;
    code: string;
    /** Every attempt of a request whose candidates all failed, in order. */
    attempts?: readonly FailedAttempt[];
    /** What a safety filter blocked it for, such as `pii/email`. */
    rules?: readonly string[];
  };
}

/** The body that OpenAI's clients read their errors from. */
export function errorBody(facts: ErrorFacts): ErrorBody {
  const { message, type, code } = facts;
  const error: ErrorBody["error"] = { message, type, param: facts.param ?? null, code };
  if (facts.attempts !== undefined && facts.attempts.length > 0) error.attempts = facts.attempts;
  if (facts.rules !== undefined) error.rules = facts.rules;
  return { error };
}
