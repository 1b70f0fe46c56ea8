import type {
  ContentBlock,
  ToolResultBlock,
  ToolResultContentBlock,
} from "@aws-sdk/client-bedrock-runtime";
import type { ToolMessage } from "../../openai/index.ts";
import { cachePoint } from "./cache-point.ts";
import { saidBlocks } from "./said.ts";
import type { Translation } from "./translation.ts";

/** A tool's answer before it is known which call it belongs to. */
export interface PendingResult {
  callId: string;
  content: ToolResultContentBlock[];
  /** Follows the result. */
  point: ContentBlock[];
}

// Results must not be empty: the model reads this for a tool that said nothing.
const nothing = "(empty)";
const neverCame = "(no result)";

export function pendingResult(
  message: ToolMessage,
  translation: Translation,
  at: string,
): PendingResult {
  const { tool_call_id: callId, content, cache_control: mark } = message;
  const blocks = saidBlocks({ content }, translation, at);
  return {
    callId,
    content: blocks.flatMap(resultContent),
    point: [...blocks.filter(isPoint).slice(-1), ...cachePoint(mark, translation)].slice(-1),
  };
}

export function resultBlocks(toolUseId: string, result: PendingResult | undefined): ContentBlock[] {
  const content = result?.content ?? [{ text: neverCame }];
  const block: ToolResultBlock = {
    toolUseId,
    content: content.length === 0 ? [{ text: nothing }] : content,
  };
  return [{ toolResult: block }, ...(result?.point ?? [])];
}

/** A result whose call is not in the turn before it, told as text. */
export function orphanBlocks({ callId, content, point }: PendingResult): ContentBlock[] {
  const heading = { text: `Result of the tool call ${callId}:` };
  const told: ContentBlock[] = content.length === 0 ? [{ text: nothing }] : content.map(asContent);
  return [heading, ...told, ...point];
}

const isPoint = (block: ContentBlock): boolean => block.cachePoint !== undefined;

function resultContent(block: ContentBlock): ToolResultContentBlock[] {
  if (block.text !== undefined) return [{ text: block.text }];
  if (block.image !== undefined) return [{ image: block.image }];
  return block.document === undefined ? [] : [{ document: block.document }];
}

function asContent(block: ToolResultContentBlock): ContentBlock {
  if (block.image !== undefined) return { image: block.image };
  if (block.document !== undefined) return { document: block.document };
  return { text: block.text ?? nothing };
}
