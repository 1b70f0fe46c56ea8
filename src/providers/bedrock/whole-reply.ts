import type { ContentBlock, ConverseResponse } from "@aws-sdk/client-bedrock-runtime";
import type {
  ChatReply,
  FinishReason,
  ReasoningBlock,
  ToolCall,
  Usage,
} from "../../openai/index.ts";
import { ProviderError } from "../provider-error.ts";
import type { Reading } from "./converse-request.ts";
import { finishReason } from "./finish-reason.ts";
import { readTold, toldBytes, toldJson, toldText } from "./told.ts";
import { readUsage } from "./usage.ts";

interface Parts {
  text: string;
  reasoning: ReasoningBlock[];
  toolCalls: ToolCall[];
}

/**
 * A whole answer of Converse.
 *
 * @throws ProviderError empty_reply or malformed_reply
 */
export function readReply(response: ConverseResponse, reading: Reading): ChatReply {
  return readTold(() => readAnswer(response, reading));
}

function readAnswer(response: ConverseResponse, reading: Reading): ChatReply {
  const content = response.output?.message?.content;
  const usage = readUsage(response.usage);
  if (content === undefined) throw emptyReply(usage);
  const parts: Parts = { text: "", reasoning: [], toolCalls: [] };
  for (const block of content) addBlock(parts, block, reading);
  const { text, reasoning, toolCalls } = parts;
  if (isEmpty(parts) && !mayBeEmpty(response.stopReason)) throw emptyReply(usage);
  const finishReason = readReason(response.stopReason, parts);
  const reply: ChatReply = { text, reasoning, toolCalls, finishReason };
  if (usage !== undefined) reply.usage = usage;
  return reply;
}

function readReason(stopReason: string | undefined, parts: Parts): FinishReason {
  const reason = finishReason(stopReason);
  // The answer's own tool is no call of the client's.
  return reason === "tool_calls" && parts.toolCalls.length === 0 ? "stop" : reason;
}

/** A stop sequence may be the first thing that a model says. */
export const mayBeEmpty = (stopReason: string | undefined): boolean =>
  stopReason === "stop_sequence" || finishReason(stopReason) !== "stop";

const isEmpty = ({ text, reasoning, toolCalls }: Parts): boolean =>
  text === "" && reasoning.length + toolCalls.length === 0;

export const emptyReply = (usage: Usage | undefined): ProviderError =>
  new ProviderError("empty_reply", "The model gave no answer", { usage });

function addBlock(parts: Parts, block: ContentBlock, reading: Reading): void {
  if (block.text !== undefined) parts.text += toldText(block.text);
  else if (block.toolUse !== undefined) addToolUse(parts, block.toolUse, reading);
  else if (block.reasoningContent !== undefined) {
    const thought = readThought(block.reasoningContent);
    if (thought !== undefined) parts.reasoning.push(thought);
  } else if (block.citationsContent !== undefined) {
    parts.text += (block.citationsContent.content ?? [])
      .map(({ text = "" }) => toldText(text))
      .join("");
  }
}

type ToolUse = NonNullable<ContentBlock["toolUse"]>;

function addToolUse(parts: Parts, toolUse: ToolUse, { names, answerTool }: Reading): void {
  const { toolUseId: id, name: wire, input } = toolUse;
  if (id === undefined || wire === undefined) {
    throw new ProviderError("malformed_reply", "The model called a tool without naming it");
  }
  const name = names.toClient(toldText(wire));
  const text = toldJson(input ?? {});
  if (name === answerTool) parts.text += text;
  else parts.toolCalls.push({ id: toldText(id), name, arguments: text });
}

type Thought = NonNullable<ContentBlock["reasoningContent"]>;

function readThought(content: Thought): ReasoningBlock | undefined {
  if (content.redactedContent !== undefined) {
    return { type: "redacted_thinking", data: toldBytes(content.redactedContent) };
  }
  const { text: thinking, signature } = content.reasoningText ?? {};
  if (thinking === undefined) return undefined;
  const signed = signature === undefined ? {} : { signature: toldText(signature) };
  return { type: "thinking", thinking: toldText(thinking), ...signed };
}
