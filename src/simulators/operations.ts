import type { AnswerPlan } from "./answer-plan.ts";
import { applyGuardrail } from "./bedrock/apply-guardrail.ts";
import { converse } from "./bedrock/converse.ts";
import { countTokensOperation } from "./bedrock/count-tokens.ts";
import { invokeEmbeddings } from "./bedrock/embeddings.ts";
import type { PromptCache } from "./bedrock/prompt-cache.ts";
import type { HandledCall, OpenedCall } from "./handled-call.ts";
import { invokeEndpoint } from "./sagemaker/endpoint.ts";

interface Served {
  name: string;
  service: "bedrock" | "sagemaker";
  streaming: boolean;
  /** Whether a chat model answers with words of its own. */
  chat: boolean;
  /** The largest body in bytes. */
  limit: number;
}

/** What all calls of one simulator share. */
interface Shared {
  cache: PromptCache;
}

interface OfModel extends Served {
  of: "model";
  handle(call: HandledCall, shared: Shared): AnswerPlan;
}

interface OfGuardrail extends Served {
  of: "guardrail";
  handle(call: OpenedCall): AnswerPlan;
}

export type Operation = OfModel | OfGuardrail;

const bedrockLimit = 25_000_000;
const sagemakerLimit = 6_291_456;

const bedrock = { service: "bedrock", limit: bedrockLimit, of: "model" } as const;
const sagemaker = {
  service: "sagemaker",
  limit: sagemakerLimit,
  of: "model",
  chat: true,
} as const;

const ofModels: Readonly<Record<string, OfModel>> = {
  "model/*/converse": {
    ...bedrock,
    name: "Converse",
    streaming: false,
    chat: true,
    handle: (call, { cache }) => converse(call, cache, false),
  },
  "model/*/converse-stream": {
    ...bedrock,
    name: "ConverseStream",
    streaming: true,
    chat: true,
    handle: (call, { cache }) => converse(call, cache, true),
  },
  "model/*/invoke": {
    ...bedrock,
    name: "InvokeModel",
    streaming: false,
    chat: false,
    handle: (call) => invokeEmbeddings(call),
  },
  "model/*/count-tokens": {
    ...bedrock,
    name: "CountTokens",
    streaming: false,
    chat: false,
    handle: (call) => countTokensOperation(call),
  },
  "endpoints/*/invocations": {
    ...sagemaker,
    name: "InvokeEndpoint",
    streaming: false,
    handle: (call) => invokeEndpoint(call, false),
  },
  "endpoints/*/invocations-response-stream": {
    ...sagemaker,
    name: "InvokeEndpointWithResponseStream",
    streaming: true,
    handle: (call) => invokeEndpoint(call, true),
  },
};

const applying: OfGuardrail = {
  ...bedrock,
  of: "guardrail",
  name: "ApplyGuardrail",
  streaming: false,
  chat: false,
  handle: (call) => applyGuardrail(call),
};

/** By the path, with an asterisk for each name that callers put into it. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...Object.entries(ofModels),
  ["guardrail/*/version/*/apply", applying],
]);
