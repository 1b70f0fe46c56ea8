import type { ChatRequest, ContentPart, Message } from "../openai/index.ts";
import { jsonTokens, partTokens, textTokens, tokensPerMessage } from "./count-tokens.ts";

/** What one walk over a chat request finds. */
export interface Tally {
  tokens: number;
  cacheable: number;
  images: boolean;
  documents: boolean;
  toolTurns: boolean;
  /** The text that is asked last. */
  prompt: string;
}

/** Providers put tools before the messages, so a prefix to be cached begins with them. */
export function tallyOf(request: ChatRequest): Tally {
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
  const format = request.response_format;
  if (format?.type === "json_schema") tally.tokens += jsonTokens(format.json_schema.schema);
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
