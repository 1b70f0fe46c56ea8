import type { ChatReply, ChatRequest, EmbeddingsRequest, Frame, Usage } from "../openai/index.ts";
import type { BackendEntry, Credentials, Transport } from "../table/index.ts";

/** What every call carries, whatever is asked. */
interface Call<Request> {
  backend: BackendEntry;
  request: Request;
  /** Becomes the provider's request metadata where it has such a place: route, tenant, request id. */
  metadata: Readonly<Record<string, string>>;
  /** Aborts the call upstream. Every wait but that for the connection is bounded by the caller through it. */
  signal: AbortSignal;
}

export type ChatCall = Call<ChatRequest>;
export type EmbedCall = Call<EmbeddingsRequest>;

/** What a provider tells of a call besides its answer. */
export interface CallFacts {
  /** AWS's request id. */
  requestId?: string;
  /** The provider's own account of its time, in milliseconds. */
  latencyMs?: number;
  /** The model or variant that answered, where the provider says so. */
  model?: string;
  /** Text units that the provider counts for the guardrail of the call. */
  guardrailUnits?: number;
}

export interface WholeChat {
  reply: ChatReply;
  facts: CallFacts;
}

export interface OpenChat {
  /**
   * Ends after the provider's terminal frame and its usage; throws a ProviderError where the stream
   * breaks, ends early or carries an exception. Returning early (`return()`) aborts it upstream.
   */
  frames: AsyncIterable<Frame>;
  facts: CallFacts;
}

export interface Embedded {
  /** In the order of the inputs; all of one length. */
  vectors: readonly (readonly number[])[];
  usage: Usage;
  facts: CallFacts;
}

/**
 * The code speaking one vendor's protocol. Calls are made once: retries and fallbacks are the
 * router's. Each method throws a ProviderError, or the signal's reason once it is aborted.
 */
export interface Provider {
  /** `gen_ai.provider.name` of the GenAI conventions. */
  readonly name: "aws.bedrock" | "aws.sagemaker";
  chat(call: ChatCall): Promise<WholeChat>;
  /** Resolves once the response has begun. */
  streamChat(call: ChatCall): Promise<OpenChat>;
  embed(call: EmbedCall): Promise<Embedded>;
  /** Frees sockets; calls under way fail. */
  close(): Promise<void>;
}

/** AWS credentials, as the SDK's providers give them. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** How a backend is reached: handed in by the composition root, which alone knows of simulators. */
export interface Reach {
  /** Replaces the vendor's public endpoint. */
  endpoint?: string;
  /** Calls the endpoints whose cryptography is validated by FIPS 140, where no other is named. */
  fips?: boolean;
  /** Calls the endpoints that have IPv6 addresses too, where no other is named. */
  dualStack?: boolean;
  /** `refresh` asks for new credentials, after the vendor has refused those at hand. */
  credentials: (options?: { refresh?: boolean }) => Promise<AwsCredentials>;
}

/** Where AWS is called, as whom and for how long: what a backend is to a client of AWS, and a guardrail too. */
export interface Callee {
  /** Of the backend, or the id of the guardrail. */
  name: string;
  target: {
    type: BackendEntry["target"]["type"];
    region: string;
    endpoint?: string;
    transport?: Transport;
  };
  credentials: Credentials;
  timeouts: { connectMs: number; totalMs: number };
}

export type ReachBackend = (backend: Callee) => Reach;
