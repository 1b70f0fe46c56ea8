import type {
  ContentBlock,
  ConverseRequest,
  ConverseResponse,
  ConverseStreamOutput,
  Message as ConverseMessage,
} from "@aws-sdk/client-bedrock-runtime";
import { writtenRequest } from "../written-request.ts";
import { parseWire } from "./wire-json.ts";

// Between JSON as it goes over the wire and the values of the SDK's types: bytes are base64 there, a
// null is an absent member, and a number may have more digits than JavaScript keeps.

/**
 * The body of a request; its model is in the path.
 *
 * @throws ProviderError invalid_request where it is too deep to be written
 */
export function writeConverse({ modelId: _inPath, messages, ...rest }: ConverseRequest): Buffer {
  const written = messages?.map(writeMessage);
  return Buffer.from(writtenRequest(() => JSON.stringify({ messages: written, ...rest })));
}

/** @throws SyntaxError, or a TypeError where it is no object */
export function readConverse(body: Buffer): ConverseResponse {
  const response = (body.length === 0 ? {} : parseWire(body.toString())) as ConverseResponse;
  const content: unknown = response.output?.message?.content;
  if (Array.isArray(content)) content.forEach(readBytes);
  return response;
}

/** @throws SyntaxError */
export function readConverseEvent(type: string, payload: Buffer): ConverseStreamOutput {
  const value: unknown = payload.length === 0 ? {} : parseWire(payload.toString());
  if (type === "contentBlockDelta") readBytes((value as { delta?: unknown } | null)?.delta);
  return { [type]: value } as unknown as ConverseStreamOutput;
}

type Written = Record<string, unknown>;

function writeMessage(message: ConverseMessage): object {
  const { role, content } = message;
  const isWritten = content?.every(({ text }) => text !== undefined) ?? true;
  return isWritten ? message : { role, content: content?.map((block) => writeBlock(block)) };
}

function writeBlock(block: ContentBlock): object {
  if (block.text !== undefined) return block;
  if (block.toolResult !== undefined) {
    const content = block.toolResult.content?.map((each) => withBase64(each));
    return { toolResult: { ...block.toolResult, content } };
  }
  return withBase64(block);
}

/** A copy of a content block with its bytes, which stand in two places only, as base64. */
function withBase64(block: object): object {
  const entries = Object.entries(block).map(([kind, value]: [string, Written]) => {
    const { redactedContent, source } = value as { redactedContent?: unknown; source?: Written };
    if (redactedContent instanceof Uint8Array) {
      return [kind, { ...value, redactedContent: base64(redactedContent) }];
    }
    return source?.["bytes"] instanceof Uint8Array
      ? [kind, { ...value, source: { ...source, bytes: base64(source["bytes"]) } }]
      : [kind, value];
  });
  return Object.fromEntries(entries) as object;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Models give no bytes but these thoughts, as far as anything here reads them. */
function readBytes(block: unknown): void {
  const { reasoningContent } = (block ?? {}) as { reasoningContent?: Written };
  const told = reasoningContent?.["redactedContent"];
  if (reasoningContent === undefined || typeof told !== "string") return;
  if (told.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(told)) {
    throw new TypeError("Bytes that are no base64");
  }
  reasoningContent["redactedContent"] = Buffer.from(told, "base64");
}
