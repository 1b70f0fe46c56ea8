import type { SimulatedModel } from "../catalogue.ts";
import type { Attachment, GivenToolResult, OfferedTool, Prompt } from "../mind/prompt.ts";
import { countMediaTokens, countTokens } from "../mind/tokens.ts";
import {
  mediaBytes,
  thinkingBudget,
  toolResultsOf,
  type CachePoint,
  type ContentBlock,
  type ConverseMessage,
  type ConverseRequest,
  type ToolResultBlock,
} from "./converse-request.ts";

/** A stretch of the input: its words as one text, its tokens, and a cache point where one ends it. */
export interface InputPiece {
  text: string;
  tokens: number;
  cachePoint?: CachePoint;
}

// Tokens that the frame of a message takes in every model here.
const messageOverhead = 4;

/** The input in the order in which a prompt cache reads it: tools, system, messages. */
export function inputPieces(request: ConverseRequest): InputPiece[] {
  return [
    ...(request.toolConfig?.tools ?? []).map((tool) => pieceOf(tool, JSON.stringify(tool))),
    ...(request.system ?? []).map((block) => pieceOf(block, block.text ?? JSON.stringify(block))),
    ...(request.messages ?? []).flatMap((message) => [
      { text: `<${message.role}>`, tokens: messageOverhead },
      ...message.content.map(blockPiece),
    ]),
  ];
}

const textPiece = (text: string): InputPiece => ({ text, tokens: countTokens(text) });

const pieceOf = (block: { cachePoint?: CachePoint }, text: string): InputPiece =>
  block.cachePoint === undefined
    ? textPiece(text)
    : { text: "", tokens: 0, cachePoint: block.cachePoint };

function blockPiece(block: ContentBlock): InputPiece {
  if (block.cachePoint !== undefined || block.text !== undefined)
    return pieceOf(block, block.text ?? "");
  const media = block.image ?? block.document;
  const text = JSON.stringify(block);
  if (media !== undefined) return { text, tokens: countMediaTokens(mediaBytes(media)) };
  return textPiece(block.toolResult === undefined ? text : resultText(block.toolResult));
}

/** The request as the model sees it. */
export function promptOf(
  request: ConverseRequest,
  model: SimulatedModel,
  pieces: readonly InputPiece[],
): Prompt {
  const messages = request.messages ?? [];
  const last = messages.at(-1);
  const tools = request.toolConfig?.tools ?? [];
  return {
    text: lastWords(messages),
    history: pieces.map((piece) => piece.text).join("\n"),
    toolResults: toolResultsOf(last).map(givenResult),
    attachments: (last?.content ?? []).flatMap(attachmentsOf),
    tools: tools.flatMap(offeredTool),
    toolChoice: toolChoiceOf(request),
    parallelTools: !parallelDisabled(request),
    schema: schemaOf(request),
    thinkingTokens: thinkingTokens(request, model),
    inputTokens: pieces.reduce((sum, piece) => sum + piece.tokens, 0),
    maxTokens: request.inferenceConfig?.maxTokens,
    stopSequences: request.inferenceConfig?.stopSequences ?? [],
  };
}

function schemaOf(request: ConverseRequest): unknown {
  const schema = request.outputConfig?.textFormat?.structure.jsonSchema.schema;
  return schema === undefined ? undefined : JSON.parse(schema);
}

// The last user turn that has words: a turn of tool results alone answers an earlier question.
function lastWords(messages: readonly ConverseMessage[]): string {
  const spoken = messages.findLast(
    (message) => message.role === "user" && message.content.some((block) => wordsOf(block) !== ""),
  );
  return (spoken?.content ?? []).map(wordsOf).filter(Boolean).join("\n");
}

const wordsOf = (block: ContentBlock): string => block.text ?? block.guardContent?.text?.text ?? "";

function thinkingTokens(request: ConverseRequest, model: SimulatedModel): number | undefined {
  if (model.dialect === "claude") return thinkingBudget(request);
  // gpt-oss always thinks aloud; the effort says how long.
  if (model.dialect !== "gptOss") return undefined;
  const effort = request.additionalModelRequestFields?.["reasoning_effort"];
  return effort === "low" ? 40 : effort === "high" ? 280 : 120;
}

function toolChoiceOf(request: ConverseRequest): Prompt["toolChoice"] {
  const choice = request.toolConfig?.toolChoice;
  if (choice?.tool !== undefined) return { type: "tool", name: choice.tool.name };
  return { type: choice?.any === undefined ? "auto" : "any" };
}

function parallelDisabled(request: ConverseRequest): boolean {
  const choice = request.additionalModelRequestFields?.["tool_choice"] as
    | { disable_parallel_tool_use?: boolean }
    | undefined;
  return choice?.disable_parallel_tool_use === true;
}

const offeredTool = (
  tool: NonNullable<ConverseRequest["toolConfig"]>["tools"][number],
): OfferedTool[] =>
  tool.toolSpec === undefined
    ? []
    : [
        {
          name: tool.toolSpec.name,
          description: tool.toolSpec.description ?? "",
          schema: tool.toolSpec.inputSchema.json,
        },
      ];

function attachmentsOf(block: ContentBlock): Attachment[] {
  if (block.image !== undefined)
    return [{ kind: "image", format: block.image.format ?? "", bytes: mediaBytes(block.image) }];
  if (block.document === undefined) return [];
  return [
    {
      kind: "document",
      format: block.document.format ?? "txt",
      bytes: mediaBytes(block.document),
      name: block.document.name ?? "",
    },
  ];
}

const givenResult = (result: ToolResultBlock): GivenToolResult => ({
  id: result.toolUseId,
  text: resultText(result),
  failed: result.status === "error",
});

const resultText = (result: ToolResultBlock): string =>
  result.content
    .map((part) => part.text ?? JSON.stringify(part.json ?? Object.keys(part)))
    .join("\n");
