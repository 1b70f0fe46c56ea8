import type { ChatRequest, FunctionTool, ReasoningEffort } from "../../openai/index.ts";
import type { BackendEntry } from "../../table/index.ts";
import type { ChatCall } from "../contract.ts";
import { cleanConversation } from "./conversation.ts";

/**
 * Fields that containers (vLLM, LMI, SGLang, TGI) know by OpenAI's names or have in common. A list
 * of what is passed on, not of what is held back: their other fields name hosts to fetch from,
 * templates to run and adapters to load, which no caller may choose.
 */
const passedOn = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
  "seed",
  "min_tokens",
  "stop_token_ids",
  "parallel_tool_calls",
  "guided_json",
  "guided_choice",
] as const;

/** The body of an OpenAI-compatible container for a request. `model` is the endpoint's own affair. */
export function openAIChatBody(
  { request, backend }: Pick<ChatCall, "request" | "backend">,
  streamed: boolean,
): Record<string, unknown> {
  const known = request as ChatRequest & Readonly<Record<string, unknown>>;
  return withoutUndefined({
    messages: cleanConversation(request.messages),
    ...Object.fromEntries(passedOn.map((field) => [field, known[field]])),
    max_tokens: answerLimit(request, backend),
    stop: stopSequences(request.stop),
    reasoning_effort: effort(request.reasoning_effort),
    ...toolMembers(request),
    response_format: request.response_format?.type === "text" ? undefined : request.response_format,
    stream: streamed,
    // Usage is recorded whether the client asked for it or not.
    stream_options: streamed ? { include_usage: true } : undefined,
  });
}

/** Tokens that the client allows, no more than the model can give; undefined where it leaves that open. */
export function answerLimit(request: ChatRequest, backend: BackendEntry): number | undefined {
  const asked = request.max_completion_tokens ?? request.max_tokens;
  return asked === undefined ? undefined : Math.min(asked, backend.maxOutputTokens);
}

/** Without empty ones; undefined where none is left. */
export function stopSequences(stop: string | readonly string[] | undefined): string[] | undefined {
  const sequences = [stop ?? []].flat().filter((sequence) => sequence !== "");
  return sequences.length === 0 ? undefined : sequences;
}

/** Containers know three efforts; for `none` they are left to their model's default. */
function effort(asked: ReasoningEffort | undefined): "low" | "medium" | "high" | undefined {
  switch (asked) {
    case "minimal":
    case "low":
      return "low";
    case "medium":
      return "medium";
    case "high":
    case "xhigh":
    case "max":
      return "high";
    default:
      return undefined;
  }
}

function toolMembers(request: ChatRequest): Record<string, unknown> {
  const { tools, tool_choice: choice } = request;
  if (tools === undefined || tools.length === 0) return {};
  return { tools: tools.map(cleanTool), tool_choice: choice };
}

function cleanTool({ function: offered }: FunctionTool): object {
  return {
    type: "function",
    function: withoutUndefined({
      name: offered.name,
      description: offered.description ?? undefined,
      parameters: offered.parameters ?? { type: "object", properties: {} },
      strict: offered.strict ?? undefined,
    }),
  };
}

function withoutUndefined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined));
}
