import type { ToolUseBlock } from "@aws-sdk/client-bedrock-runtime";
import type { MessageToolCall } from "../../openai/index.ts";
import type { Translation } from "./translation.ts";

/** Bedrock's document type, which the SDK declares in a package of its own. */
export type JsonDocument = NonNullable<ToolUseBlock["input"]>;

export function toolUseBlock(call: MessageToolCall, { names, ids }: Translation): ToolUse {
  return {
    toolUseId: ids.open(call.id),
    name: names.toWire(call.function.name),
    input: argumentsObject(call.function.arguments),
  };
}

export interface ToolUse extends ToolUseBlock {
  toolUseId: string;
}

/** Models take an object alone: whatever else the client replays becomes an empty one. */
function argumentsObject(text: string): JsonDocument {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonDocument) : {};
  } catch {
    return {};
  }
}
