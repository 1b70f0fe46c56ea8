import type { ContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { AssistantMessage, ReasoningBlock } from "../../openai/index.ts";
import { isBlank } from "./blank.ts";
import type { Translation } from "./translation.ts";

interface Thoughts {
  /** Replayed byte for byte. */
  reasoning: ContentBlock[];
  /** What carries no signature that this model would accept, said as plain text. */
  text: ContentBlock[];
}

/** An assistant's thoughts for the model that is to go on from them. */
export function replayThinking(message: AssistantMessage, translation: Translation): Thoughts {
  const thoughts: Thoughts = { reasoning: [], text: [] };
  const signed = acceptsSignatures(translation);
  for (const block of reasoningBlocks(message)) {
    const replayed = signed ? signedBlock(block) : undefined;
    if (replayed !== undefined) thoughts.reasoning.push(replayed);
    else if (block.type === "thinking" && !isBlank(block.thinking)) {
      thoughts.text.push({ text: block.thinking });
    }
  }
  return thoughts;
}

const acceptsSignatures = ({ family, supports }: Translation): boolean =>
  family === "claude" && supports("Reasoning");

function reasoningBlocks(message: AssistantMessage): readonly ReasoningBlock[] {
  const blocks = message.thinking_blocks ?? [];
  if (blocks.length > 0) return blocks;
  const plain = message.reasoning_content ?? "";
  return plain === "" ? [] : [{ type: "thinking", thinking: plain }];
}

function signedBlock(block: ReasoningBlock): ContentBlock | undefined {
  if (block.type === "redacted_thinking") {
    const redactedContent = Buffer.from(block.data, "base64");
    return redactedContent.byteLength === 0 ? undefined : { reasoningContent: { redactedContent } };
  }
  const { thinking: text, signature = "" } = block;
  return signature === ""
    ? undefined
    : { reasoningContent: { reasoningText: { text, signature } } };
}
