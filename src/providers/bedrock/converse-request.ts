import type { ConverseRequest, SystemContentBlock, Tool } from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest } from "../../openai/index.ts";
import type { BackendEntry, BedrockTarget } from "../../table/index.ts";
import { additionalFields } from "./additional-fields.ts";
import { surplusCachePoints } from "./cache-point.ts";
import { flattenToolTurns } from "./flatten-tools.ts";
import { inferenceConfig } from "./inference-config.ts";
import { converseMessages, type Turned } from "./messages.ts";
import { plainPrompt } from "./plain-prompt.ts";
import { thinkingBudget } from "./reasoning.ts";
import { requestMetadata } from "./request-metadata.ts";
import { type Formatting, formatting } from "./response-format.ts";
import { serviceTierOf } from "./service-tier.ts";
import { splitSystem } from "./system.ts";
import { converseTools, hasToolTurns } from "./tool-config.ts";
import type { ToolNames } from "./tool-names.ts";
import { offeredChoice, offeredTools, toolConfig } from "./tool-offer.ts";
import { openTranslation, type Translation } from "./translation.ts";

interface Asked {
  backend: BackendEntry;
  target: BedrockTarget;
  request: ChatRequest;
  metadata: Readonly<Record<string, string>>;
}

/** What reading the answer needs to know of the question. */
export interface Reading {
  names: ToolNames;
  /** The client's name of the tool whose input is the answer. */
  answerTool?: string;
}

export interface Conversation {
  converse: ConverseRequest;
  reading: Reading;
}

/**
 * An OpenAI chat request as Converse takes it. Fields that Bedrock has no place for are left out.
 *
 * @throws ProviderError invalid_request for an image or a file that cannot be sent
 */
export function toConverse(asked: Asked): Conversation {
  const { backend, target, request } = asked;
  const translation = openTranslation(backend, target.modelId);
  const format = formatting(request, translation);
  const prompt = readPrompt(request, format, translation);
  const budget =
    format.type === "tool" ? undefined : thinkingBudget(request, prompt.messages, translation);
  const choice = offeredChoice(request, format, budget !== undefined, translation);
  const tools = toolConfig(prompt.tools, choice);
  const { guardrail } = target;
  const serviceTier = serviceTierOf(target);
  const converse = withoutUndefined<ConverseRequest>({
    modelId: target.modelId,
    messages: prompt.messages,
    system: prompt.system.length === 0 ? undefined : prompt.system,
    toolConfig: tools,
    inferenceConfig: inferenceConfig(request, budget, translation),
    additionalModelRequestFields: additionalFields(request, { budget, tools }, translation),
    outputConfig: format.type === "native" ? format.outputConfig : undefined,
    requestMetadata: requestMetadata(asked.metadata),
    guardrailConfig: guardrail && {
      guardrailIdentifier: guardrail.id,
      guardrailVersion: guardrail.version,
      // What it costs is told in its trace alone.
      ...(backend.prices.guardrailUnit === undefined ? {} : { trace: "enabled" as const }),
    },
    serviceTier: serviceTier && { type: serviceTier },
  });
  const answerTool = format.type === "tool" ? { answerTool: format.tool.function.name } : {};
  return { converse, reading: { names: translation.names, ...answerTool } };
}

interface Prompt {
  tools: Tool[];
  system: SystemContentBlock[];
  messages: Turned[];
}

function readPrompt(request: ChatRequest, format: Formatting, translation: Translation): Prompt {
  const plain = format.type === "free" && request.tools === undefined;
  const prompt = plain ? plainPrompt(request.messages) : undefined;
  return prompt === undefined ? anyPrompt(request, format, translation) : { tools: [], ...prompt };
}

function anyPrompt(request: ChatRequest, format: Formatting, translation: Translation): Prompt {
  const offered = offeredTools(request, format);
  const untold = offered.length === 0 && hasToolTurns(request.messages);
  const told = untold ? flattenToolTurns(request.messages) : request.messages;
  const { system, rest } = splitSystem(told, translation);
  if (format.type === "instruction") system.push({ text: format.text });
  const messages = converseMessages(rest, translation);
  const tools = converseTools(offered, translation);
  const contents = messages.map(({ content }) => content);
  const surplus = surplusCachePoints([tools, system, ...contents]);
  if (surplus.size === 0) return { tools, system, messages };
  const isKept = (block: object): boolean => !surplus.has(block);
  return {
    tools: tools.filter(isKept),
    system: system.filter(isKept),
    messages: messages.map(({ role, content }) => ({ role, content: content.filter(isKept) })),
  };
}

function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  const set: Partial<Fields> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) set[name] = fields[name];
  }
  return set as Fields;
}
