import type { ChatReply, ReasoningBlock } from "../../openai/index.ts";
import type { Placeholders } from "../../safety/index.ts";
import { passTexts, type Passage } from "./pass-texts.ts";
import { textsOfReply, withReplyTexts } from "./reply-texts.ts";

/**
 * A whole answer past the filters of the output, with what was redacted from the input back in it.
 *
 * @throws FilterBlock
 */
export async function passReply(reply: ChatReply, passage: Passage): Promise<ChatReply> {
  const { filters, placeholders } = passage.inspection;
  const pieces = textsOfReply(reply);
  const passed = await passTexts(pieces, filters.output, passage);
  const left = passed === pieces ? reply : withReplyTexts(reply, passed);
  return placeholders.restores ? restored(left, placeholders) : left;
}

/** Signatures stay: the next turn's redaction makes these words again what was signed. */
function restored(reply: ChatReply, placeholders: Placeholders): ChatReply {
  const thought = (block: ReasoningBlock): ReasoningBlock =>
    block.type === "thinking"
      ? { ...block, thinking: placeholders.restore(block.thinking) }
      : block;
  return {
    ...reply,
    text: placeholders.restore(reply.text),
    reasoning: reply.reasoning.map(thought),
    toolCalls: reply.toolCalls.map((call) => ({
      ...call,
      arguments: placeholders.restoreJson(call.arguments),
    })),
  };
}
