import { ProviderError } from "./provider-error.ts";

/** Puts AWS's request id on a failure that was found in the answer itself. */
export function located(error: unknown, requestId: string | undefined): unknown {
  if (!(error instanceof ProviderError) || error.details.requestId !== undefined) return error;
  return new ProviderError(error.code, error.message, { ...error.details, requestId });
}

/** Reads an answer, and puts its request id on what is wrong with it. */
export function readLocated<Value>(requestId: string | undefined, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw located(error, requestId);
  }
}
