import type { ContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type {
  AssistantPart,
  CacheControl,
  ContentPart,
  RefusalPart,
  TextPart,
} from "../../openai/index.ts";
import { isBlank } from "./blank.ts";
import { cachePoint } from "./cache-point.ts";
import { documentBlock } from "./document.ts";
import { imageBlock } from "./image.ts";
import type { Translation } from "./translation.ts";

type Part = ContentPart | AssistantPart;

interface Said {
  content?: string | readonly Part[] | null | undefined;
  cache_control?: CacheControl | null | undefined;
}

/**
 * What a message says, block by block; blank text is left out, and so are marks of the cache that
 * would stand after nothing.
 *
 * @param at names the message in messages for the client, such as `messages[2]`
 */
export function saidBlocks(message: Said, translation: Translation, at: string): ContentBlock[] {
  const { content } = message;
  const parts = typeof content === "string" ? [textPart(content)] : (content ?? []);
  const blocks = parts.flatMap((part, index) =>
    partBlocks(part, translation, `${at}.content[${index}]`),
  );
  return blocks.length === 0 ? [] : [...blocks, ...cachePoint(message.cache_control, translation)];
}

const textPart = (text: string): TextPart => ({ type: "text", text });

function partBlocks(part: Part, translation: Translation, at: string): ContentBlock[] {
  const block = partBlock(part, translation, at);
  if (block === undefined) return [];
  return [block, ...cachePoint(part.type === "refusal" ? null : part.cache_control, translation)];
}

function partBlock(part: Part, translation: Translation, at: string): ContentBlock | undefined {
  switch (part.type) {
    case "image_url":
      return { image: imageBlock(part, at) };
    case "file":
      return { document: documentBlock(part, translation.documents, at) };
    default:
      return textBlock(part);
  }
}

function textBlock(part: TextPart | RefusalPart): ContentBlock | undefined {
  const text = part.type === "text" ? part.text : part.refusal;
  return isBlank(text) ? undefined : { text };
}
