import type {
  ApplyGuardrailRequest,
  ApplyGuardrailResponse,
  ConverseRequest,
  ConverseResponse,
  ConverseStreamOutput,
  ServiceTierType,
} from "@aws-sdk/client-bedrock-runtime";
import type { Callee } from "../contract.ts";

/** Each method throws a ProviderError, or the signal's reason once it is aborted. */
interface TransportCall {
  backend: Callee;
  signal: AbortSignal;
}

export interface ConverseCall extends TransportCall {
  converse: ConverseRequest;
}

export interface InvokeCall extends TransportCall {
  modelId: string;
  /** A JSON text. */
  body: string;
  serviceTier?: ServiceTierType;
}

export interface ApplyGuardrailCall extends TransportCall {
  apply: ApplyGuardrailRequest;
}

export interface Invoked {
  body: Uint8Array;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  requestId?: string;
}

export interface EventStream {
  /** Throws as the methods do. Ends wherever the wire does: whether that is whole, the reader judges. */
  events: AsyncIterable<ConverseStreamOutput>;
  requestId?: string;
  /** Ends the call: what has not been read is aborted upstream. To be called in any case. */
  close(): void;
}

/** How Bedrock Runtime is spoken to; values are those of the service's model, in the SDK's types. */
export interface BedrockTransport {
  converse(call: ConverseCall): Promise<{ response: ConverseResponse; requestId?: string }>;
  /** Resolves once the response has begun. */
  converseStream(call: ConverseCall): Promise<EventStream>;
  invoke(call: InvokeCall): Promise<Invoked>;
  applyGuardrail(
    call: ApplyGuardrailCall,
  ): Promise<{ response: ApplyGuardrailResponse; requestId?: string }>;
  close(): void;
}
