import type { ContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { MessageToolCall } from "../../openai/index.ts";
import { orphanBlocks, type PendingResult, resultBlocks } from "./tool-result.ts";
import { type ToolUse, toolUseBlock } from "./tool-use.ts";
import type { Translation } from "./translation.ts";

export interface AnsweredCalls {
  toolUses: ToolUse[];
  /** One for each call, in the order of the calls. */
  results: ContentBlock[];
  /** Results that answer none of the calls. */
  orphans: ContentBlock[];
}

interface Slot {
  call: MessageToolCall;
  result?: PendingResult;
}

/**
 * Pairs an assistant turn's calls with the results of the user turn after it. Every call gets
 * exactly one: of several the last counts, and one that never came is said to be missing.
 */
export function answerCalls(
  calls: readonly MessageToolCall[],
  results: readonly PendingResult[],
  translation: Translation,
): AnsweredCalls {
  const slots = calls.map((call): Slot => ({ call }));
  const orphans = results.filter((result) => !assign(slots, result));
  const toolUses = slots.map(({ call }) => toolUseBlock(call, translation));
  return {
    toolUses,
    results: slots.flatMap(({ result }, index) =>
      resultBlocks(toolUses[index]?.toolUseId ?? "", result),
    ),
    orphans: orphans.flatMap(orphanBlocks),
  };
}

/** Calls that share an id are answered in their order. */
function assign(slots: readonly Slot[], result: PendingResult): boolean {
  const named = slots.filter(({ call }) => call.id === result.callId);
  const slot = named.find((candidate) => candidate.result === undefined) ?? named.at(-1);
  if (slot === undefined) return false;
  slot.result = result;
  return true;
}
