import { ApiError, type ErrorFacts, type FailedAttempt } from "../openai/index.ts";
import { ProviderError } from "../providers/index.ts";
import { AdmissionRefused } from "./admit-stage.ts";
import { ChainFailed } from "./answer-stage.ts";
import type { Attempt } from "./attempt.ts";
import { ClientGone, ShutDown } from "./client-gone.ts";
import { mostTelling } from "./most-telling.ts";

/** An error as the client gets it: the one form that all faults are brought to before they leave. */
export interface ClientFault {
  status: number;
  facts: ErrorFacts;
  headers: Readonly<Record<string, string>>;
}

/** nginx's status for a client that left: no client sees it, records do. */
const clientClosedRequest = 499;

/**
 * The only way from a thrown value to what a client is told. Anything unforeseen becomes a plain
 * 500: its text may hold what clients must not see.
 */
export function clientFault(error: unknown, attempts: readonly Attempt[] = []): ClientFault {
  if (error instanceof ApiError)
    return { status: error.status, facts: error, headers: error.headers };
  if (error instanceof AdmissionRefused) return clientFault(error.answer);
  if (error instanceof ChainFailed) return chainFault(error, attempts);
  if (error instanceof ProviderError) return providerFault(error, attempts);
  if (error instanceof ShutDown) return clientFault(new ApiError("shutting_down", error.message));
  if (error instanceof ClientGone) {
    const facts = { message: error.message, type: "server_error", code: "client_closed_request" };
    return { status: clientClosedRequest, facts, headers: {} };
  }
  const ours = new ApiError(
    "internal_error",
    "Something failed on our side; the request id finds it in the logs",
  );
  return { status: ours.status, facts: ours, headers: {} };
}

function chainFault(failed: ChainFailed, attempts: readonly Attempt[]): ClientFault {
  const telling =
    mostTelling(failed.errors) ?? new ProviderError("timeout", "The route's total timeout passed");
  return providerFault(telling, attempts);
}

function providerFault(error: ProviderError, attempts: readonly Attempt[]): ClientFault {
  const facts: ErrorFacts = {
    message: error.message,
    type: error.type,
    code: error.clientCode,
    param: error.details.param,
    attempts: attempts.flatMap(describeAttempt),
    rules: error.details.rules,
  };
  return { status: error.status, facts, headers: retryAfter(error, attempts) };
}

function describeAttempt({ backend, error }: Attempt): FailedAttempt[] {
  return error === null
    ? []
    : [{ backend: backend.name, code: error.code, message: error.message }];
}

/** The soonest moment at which any candidate wants to be asked again, in whole seconds. */
function retryAfter(error: ProviderError, attempts: readonly Attempt[]): Record<string, string> {
  if (error.status !== 429 && error.status !== 503) return {};
  const asked = attempts.flatMap((attempt) => attempt.error?.details.retryAfterMs ?? []);
  return asked.length === 0 ? {} : { "retry-after": String(Math.ceil(Math.min(...asked) / 1_000)) };
}

/** Whether somebody has foreseen the error: all others are a fault of the router's own. */
export function isForeseen(error: unknown): boolean {
  return foreseen.some((kind) => error instanceof kind);
}

const foreseen = [ApiError, AdmissionRefused, ChainFailed, ShutDown, ClientGone];
