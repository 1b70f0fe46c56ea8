import type {
  ChatRequest,
  ContentPart,
  EmbeddingsRequest,
  Message,
  ReasoningEffort,
} from "../openai/index.ts";
import type { Capability } from "../table/index.ts";
import { jsonTokens, partTokens, textTokens, tokensPerMessage } from "./count-tokens.ts";
import { countMarks, type RequestFeatures } from "./request-features.ts";

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
}

export function needsOf(request: ChatRequest | EmbeddingsRequest): RequestNeeds {
  return "messages" in request ? chatNeeds(request) : embeddingsNeeds(request);
}

interface Tally {
  tokens: number;
  cacheable: number;
  images: boolean;
  documents: boolean;
  toolTurns: boolean;
  /** The text that is asked last. */
  prompt: string;
}

function chatNeeds(request: ChatRequest): RequestNeeds {
  const tally = tallyOf(request);
  const { prompt } = tally;
  const format = request.response_format;
  const schemaBound = format?.type === "json_schema";
  if (schemaBound) tally.tokens += jsonTokens(format.json_schema.schema);
  const tools = request.tools?.length ?? 0;
  const offersTools = tools > 0 && request.tool_choice !== "none";
  const capabilities = capabilitiesOf(tally, offersTools);
  // A forced tool call would keep the model from calling the tools it is offered.
  if (schemaBound && offersTools) capabilities.push("JsonSchema");
  if (request.stream === true) capabilities.push("Streaming");
  return {
    type: "Chat",
    capabilities,
    schemaBound,
    inputTokens: tally.tokens,
    contextTokens: tally.tokens,
    cacheableTokens: tally.cacheable,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    dimensions: undefined,
    features: {
      characters: prompt.length,
      ...countMarks(prompt),
      tools,
      reasoningEffort: efforts[request.reasoning_effort ?? "none"],
    },
  };
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

function capabilitiesOf(tally: Tally, offersTools: boolean): Capability[] {
  const needed: Capability[] = [];
  if (offersTools || tally.toolTurns) needed.push("Tools");
  if (tally.images) needed.push("Vision");
  if (tally.documents) needed.push("Documents");
  return needed;
}

/** Providers put tools before the messages, so a prefix to be cached begins with them. */
function tallyOf(request: ChatRequest): Tally {
  const tally: Tally = {
    tokens: 0,
    cacheable: 0,
    images: false,
    documents: false,
    toolTurns: false,
    prompt: "",
  };
  for (const tool of request.tools ?? []) {
    tally.tokens += jsonTokens(tool.function);
    noteCacheMark(tally, tool);
  }
  for (const message of request.messages) addMessage(tally, message);
  return tally;
}

function addMessage(tally: Tally, message: Message): void {
  tally.tokens += tokensPerMessage;
  if (message.role === "tool") tally.toolTurns = true;
  if (message.role === "assistant") addAssistantExtras(tally, message);
  const { content } = message;
  if (typeof content === "string") {
    tally.tokens += textTokens(content);
    if (message.role === "user") tally.prompt = content;
  } else {
    for (const part of content ?? []) {
      if (part.type === "refusal") tally.tokens += textTokens(part.refusal);
      else addPart(tally, part, message.role);
    }
  }
  noteCacheMark(tally, message);
}

function addPart(tally: Tally, part: ContentPart, role: Message["role"]): void {
  tally.tokens += partTokens(part);
  if (part.type === "image_url") tally.images = true;
  else if (part.type === "file") tally.documents = true;
  else if (role === "user") tally.prompt = part.text;
  noteCacheMark(tally, part);
}

function addAssistantExtras(tally: Tally, message: Message & { role: "assistant" }): void {
  for (const call of message.tool_calls ?? []) {
    tally.toolTurns = true;
    tally.tokens += textTokens(call.function.name) + textTokens(call.function.arguments);
  }
  for (const block of message.thinking_blocks ?? []) {
    tally.tokens += textTokens(block.type === "thinking" ? block.thinking : block.data);
  }
}

function noteCacheMark(tally: Tally, marked: { cache_control?: unknown }): void {
  if (marked.cache_control !== undefined && marked.cache_control !== null) {
    tally.cacheable = tally.tokens;
  }
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
    features: { characters, mathMarks: 0, codeMarks: 0, tools: 0, reasoningEffort: 0 },
  };
}

const embeddings: readonly Capability[] = ["Embeddings"];
