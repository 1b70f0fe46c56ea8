import type {
  ToolChoice as ConverseChoice,
  ToolConfiguration,
} from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest } from "../../openai/index.ts";
import { novaEffort, threeLevels } from "./reasoning.ts";
import type { JsonDocument } from "./tool-use.ts";
import type { Translation } from "./translation.ts";

interface Decided {
  /** Claude's tokens to think with. */
  budget: number | undefined;
  /** Undefined where no tools are sent. */
  tools: ToolConfiguration | undefined;
}

type Fields = Record<string, JsonDocument>;

/** What Converse has no field for and the model takes by its own name. */
export function additionalFields(
  request: ChatRequest,
  decided: Decided,
  translation: Translation,
): Fields | undefined {
  const fields = familyFields(request, decided, translation);
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function familyFields(request: ChatRequest, decided: Decided, translation: Translation): Fields {
  switch (translation.family) {
    case "claude":
      return claudeFields(request, decided);
    case "nova":
      return novaFields(request, translation);
    case "gptOss":
      return gptOssFields(request, translation);
    default:
      return {};
  }
}

function claudeFields(request: ChatRequest, { budget, tools }: Decided): Fields {
  const { top_k: topK, parallel_tool_calls: parallel } = request;
  if (budget !== undefined) {
    return {
      thinking: { type: "enabled", budget_tokens: budget },
      ...(tools !== undefined && parallel === false ? oneCall(undefined) : {}),
    };
  }
  return {
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(tools !== undefined && parallel === false ? oneCall(tools.toolChoice) : {}),
  };
}

function oneCall(choice: ConverseChoice | undefined): Fields {
  return { tool_choice: { ...claudeChoice(choice), disable_parallel_tool_use: true } };
}

/** The choice in Claude's own words, since this field stands in for Converse's. */
function claudeChoice(choice: ConverseChoice | undefined): Fields {
  if (choice?.tool !== undefined) return { type: "tool", name: choice.tool.name ?? "" };
  return { type: choice?.any === undefined ? "auto" : "any" };
}

function novaFields(request: ChatRequest, translation: Translation): Fields {
  const effort = novaEffort(request, translation);
  const { top_k: topK } = request;
  return {
    ...(topK === undefined ? {} : { inferenceConfig: { topK } }),
    ...(effort === undefined
      ? {}
      : { reasoningConfig: { type: "enabled", maxReasoningEffort: effort } }),
  };
}

function gptOssFields(request: ChatRequest, { supports }: Translation): Fields {
  const effort = supports("Reasoning") ? threeLevels(request.reasoning_effort) : undefined;
  return {
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...ownWords(request),
  };
}

/** What gpt-oss takes by OpenAI's own names. */
function ownWords(request: ChatRequest): Fields {
  const { seed, frequency_penalty: frequency, presence_penalty: presence } = request;
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(frequency === undefined ? {} : { frequency_penalty: frequency }),
    ...(presence === undefined ? {} : { presence_penalty: presence }),
  };
}
