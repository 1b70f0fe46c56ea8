import type { BackendEntry } from "../../table/index.ts";
import type { Invocation } from "./invocation.ts";

export interface InvokeCall {
  backend: BackendEntry;
  invocation: Invocation;
  signal: AbortSignal;
}

interface Answered {
  requestId?: string;
  /** The production variant that answered. */
  variant?: string;
}

export interface Invoked extends Answered {
  body: Uint8Array;
}

export interface InvokedStream extends Answered {
  contentType?: string;
  /** The bytes of the PayloadParts; throws a ProviderError or the signal's reason. */
  parts: AsyncIterable<Uint8Array>;
  /** To be called when the parts have been read or are not wanted any more; again does no harm. */
  close(): void;
}

/** SageMaker Runtime's calls. Each throws a ProviderError or the signal's reason. */
export interface SageMakerTransport {
  invoke(call: InvokeCall): Promise<Invoked>;
  /** Resolves once the response has begun. */
  stream(call: InvokeCall): Promise<InvokedStream>;
  close(): void;
}
