import type { ChatRequest, EmbeddingsRequest, ReasoningEffort } from "../openai/index.ts";
import type { Capability } from "../table/index.ts";
import { textTokens } from "./count-tokens.ts";
import { plainQuestion, type Question } from "./features/question.ts";
import { countMarks, type RequestFeatures } from "./request-features.ts";
import { tallyOf, type Tally } from "./tally-request.ts";

export type { RequestFeatures } from "./request-features.ts";

/** What a request asks of whoever serves it, read from it once. */
export interface RequestNeeds {
  type: "Chat" | "Embeddings";
  /** All of them must be had. */
  capabilities: readonly Capability[];
  /** The answer must follow a JSON schema: by JsonSchema, or by Tools and one forced call. */
  schemaBound: boolean;
  /** Tokens of the whole input, estimated from characters, images and tool schemas. */
  inputTokens: number;
  /** Those of them that must fit the context window at once: of embeddings, the longest text. */
  contextTokens: number;
  /** Those of them in front of the last `cache_control`: a wish, never a condition. */
  cacheableTokens: number;
  /** What the client bounds the answer to; undefined where it does not. 0 for embeddings. */
  maxOutputTokens: number | undefined;
  /** Of the vectors asked for; undefined where the model's own will do. */
  dimensions: number | undefined;
  features: RequestFeatures;
  /** What a classifier reads; of embeddings it is empty. */
  question: Question;
}

export function needsOf(request: ChatRequest | EmbeddingsRequest): RequestNeeds {
  return "messages" in request ? chatNeeds(request) : embeddingsNeeds(request);
}

function chatNeeds(request: ChatRequest): RequestNeeds {
  const tally = tallyOf(request);
  return {
    type: "Chat",
    capabilities: capabilitiesOf(request, tally),
    schemaBound: request.response_format?.type === "json_schema",
    inputTokens: tally.tokens,
    contextTokens: tally.tokens,
    cacheableTokens: tally.cacheable,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    dimensions: undefined,
    features: featuresOf(request, tally.question.text),
    question: tally.question,
  };
}

function capabilitiesOf(request: ChatRequest, tally: Tally): Capability[] {
  const needed: Capability[] = [];
  const offersTools = request.tool_choice !== "none" && toolCount(request) > 0;
  if (offersTools || tally.toolTurns) needed.push("Tools");
  if (tally.images) needed.push("Vision");
  if (tally.documents) needed.push("Documents");
  // A forced tool call would keep the model from calling the tools it is offered.
  if (offersTools && request.response_format?.type === "json_schema") needed.push("JsonSchema");
  if (request.stream === true) needed.push("Streaming");
  return needed;
}

function toolCount(request: ChatRequest): number {
  return request.tools?.length ?? 0;
}

const efforts: Record<ReasoningEffort, number> = {
  none: 0,
  minimal: 0,
  low: 0.25,
  medium: 0.5,
  high: 0.8,
  xhigh: 1,
  max: 1,
};

function featuresOf(request: ChatRequest, prompt: string): RequestFeatures {
  const { mathMarks, codeMarks, numbers } = countMarks(prompt);
  return {
    characters: prompt.length,
    mathMarks,
    codeMarks,
    numbers,
    tools: toolCount(request),
    reasoningEffort: efforts[request.reasoning_effort ?? "none"],
  };
}

function embeddingsNeeds(request: EmbeddingsRequest): RequestNeeds {
  let inputTokens = 0;
  let contextTokens = 0;
  let characters = 0;
  for (const text of request.input) {
    const tokens = textTokens(text);
    inputTokens += tokens;
    contextTokens = Math.max(contextTokens, tokens);
    characters += text.length;
  }
  return {
    type: "Embeddings",
    capabilities: embeddings,
    schemaBound: false,
    inputTokens,
    contextTokens,
    cacheableTokens: 0,
    maxOutputTokens: 0,
    dimensions: request.dimensions,
    features: { characters, mathMarks: 0, codeMarks: 0, numbers: 0, tools: 0, reasoningEffort: 0 },
    question: plainQuestion(""),
  };
}

const embeddings: readonly Capability[] = ["Embeddings"];
