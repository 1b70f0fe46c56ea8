import { ProviderError } from "./provider-error.ts";

/**
 * What `write` makes of a client's request.
 *
 * @throws ProviderError invalid_request where it meets the stack's end, which only what no model would
 * take brings about
 */
export function writtenRequest<Written>(write: () => Written): Written {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProviderError("invalid_request", "The request is nested too deeply", {
      cause: error,
    });
  }
}
