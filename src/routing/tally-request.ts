import type { ChatRequest, ContentPart, Message } from "../openai/index.ts";
import {
  jsonCharacters,
  jsonTokens,
  partTokens,
  textTokens,
  tokensOfJson,
  tokensPerMessage,
} from "./count-tokens.ts";
import { plainQuestion, type Question } from "./features/question.ts";

/** What one walk over a chat request finds. */
export interface Tally {
  tokens: number;
  cacheable: number;
  images: boolean;
  documents: boolean;
  toolTurns: boolean;
  /** Of a user's last message; earlier ones are counted, not read. */
  question: Question;
}

/** Providers put tools before the messages, so a prefix to be cached begins with them. */
export function tallyOf(request: ChatRequest): Tally {
  const tally: Tally = {
    tokens: 0,
    cacheable: 0,
    images: false,
    documents: false,
    toolTurns: false,
    question: plainQuestion(""),
  };
  const { question } = tally;
  for (const tool of request.tools ?? []) {
    const characters = jsonCharacters(tool.function);
    tally.tokens += tokensOfJson(characters);
    question.tools += 1;
    question.schemaCharacters += characters;
    noteCacheMark(tally, tool);
  }
  let turns = 0;
  for (const message of request.messages) {
    addMessage(tally, message);
    if (message.role !== "system" && message.role !== "developer") turns += 1;
  }
  question.earlierTurns = Math.max(0, turns - 1);
  const format = request.response_format;
  if (format?.type === "json_schema") tally.tokens += jsonTokens(format.json_schema.schema);
  return tally;
}

function addMessage(tally: Tally, message: Message): void {
  tally.tokens += tokensPerMessage;
  if (message.role === "tool") tally.toolTurns = true;
  if (message.role === "assistant") addAssistantExtras(tally, message);
  const { content, role } = message;
  if (typeof content === "string") {
    tally.tokens += textTokens(content);
  } else {
    for (const part of content ?? []) {
      if (part.type === "refusal") tally.tokens += textTokens(part.refusal);
      else addPart(tally, part);
    }
  }
  if (role === "user") tally.question.text = textOf(content) ?? tally.question.text;
  noteCacheMark(tally, message);
}

function addPart(tally: Tally, part: ContentPart): void {
  tally.tokens += partTokens(part);
  if (part.type !== "text") tally.question.images += 1;
  if (part.type === "image_url") tally.images = true;
  else if (part.type === "file") tally.documents = true;
  noteCacheMark(tally, part);
}

/** Undefined where there is no text among the parts. */
function textOf(content: Message["content"]): string | undefined {
  if (typeof content === "string") return content;
  let text: string | undefined;
  for (const part of content ?? []) {
    if (part.type === "text") text = text === undefined ? part.text : `${text}\n${part.text}`;
  }
  return text;
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
