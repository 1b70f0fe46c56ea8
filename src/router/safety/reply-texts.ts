import type { ChatReply, ReasoningBlock, ToolCall } from "../../openai/index.ts";
import type { TextPiece } from "./text-piece.ts";

const message = "choices[0].message";

export const answerPlace = `${message}.content`;
export const thoughtPlace = (index: number): string => `${message}.thinking_blocks[${index}]`;
export const callPlace = (index: number): string =>
  `${message}.tool_calls[${index}].function.arguments`;

/** Every text of an answer that can be read, as the client gets it. What a provider encrypted cannot. */
export function textsOfReply({ text, reasoning, toolCalls, finishReason }: ChatReply): TextPiece[] {
  const isAnswer = isAnswerProper(text !== "", toolCalls.length > 0, finishReason);
  return [
    ...reasoning.flatMap((block, index) =>
      block.type === "thinking"
        ? [{ place: thoughtPlace(index), text: block.thinking, form: "text" as const }]
        : [],
    ),
    ...(text === "" && toolCalls.length > 0
      ? []
      : [{ place: answerPlace, text, form: "text" as const, isAnswer }]),
    ...toolCalls.map((call, index) => ({
      place: callPlace(index),
      text: call.arguments,
      form: "json" as const,
    })),
  ];
}

/** What a model says beside the tools that it calls is no answer yet, and a provider's refusal is none. */
function isAnswerProper(
  speaks: boolean,
  calls: boolean,
  finishReason: ChatReply["finishReason"],
): boolean {
  return finishReason !== "content_filter" && (speaks || !calls) && finishReason !== "tool_calls";
}

/** The answer with other texts, in the order of `textsOfReply`. */
export function withReplyTexts(reply: ChatReply, pieces: readonly TextPiece[]): ChatReply {
  const texts = new Map(pieces.map(({ place, text }) => [place, text]));
  return {
    ...reply,
    text: texts.get(answerPlace) ?? reply.text,
    reasoning: reply.reasoning.map((block, index) =>
      thought(block, texts.get(thoughtPlace(index))),
    ),
    toolCalls: reply.toolCalls.map((call, index) =>
      withArguments(call, texts.get(callPlace(index))),
    ),
  };
}

/** A signature vouches for what the model thought: over other words it would be refused in later turns. */
function thought(block: ReasoningBlock, text: string | undefined): ReasoningBlock {
  if (block.type !== "thinking" || text === undefined || text === block.thinking) return block;
  return { type: "thinking", thinking: text };
}

const withArguments = (call: ToolCall, text: string | undefined): ToolCall =>
  text === undefined ? call : { ...call, arguments: text };
