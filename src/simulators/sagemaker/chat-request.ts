import type { HandledCall } from "../handled-call.ts";
import type { OfferedTool, Prompt } from "../mind/prompt.ts";
import { countTokens } from "../mind/tokens.ts";
import { containerError } from "./container-error.ts";

/** The body of an OpenAI-chat container that has passed its checks; only what is read is named. */
export interface ChatRequest {
  model?: string;
  messages: ChatMessage[];
  max_tokens?: number;
  max_completion_tokens?: number;
  stop?: string | string[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: {
    type: string;
    function: { name: string; description?: string; parameters?: unknown };
  }[];
  tool_choice?: "none" | "auto" | "required" | { type: string; function: { name: string } };
  parallel_tool_calls?: boolean;
  response_format?: { type: string; json_schema?: { schema?: unknown } };
}

export interface ChatMessage {
  role: string;
  content?: string | { type: string; text?: string }[] | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

type Complaint = string | undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws AwsError ModelError with the container's 400 */
export function readChat(body: Record<string, unknown>, call: HandledCall): ChatRequest {
  // Members that are null count as not sent.
  const sent = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const complaint =
    checkNumbers(sent) ??
    checkMessages(sent["messages"]) ??
    checkTools(sent) ??
    checkStop(sent["stop"]);
  if (complaint !== undefined) throw refuseChat(call, complaint);
  return sent as unknown as ChatRequest;
}

export const refuseChat = (call: HandledCall, message: string) =>
  containerError(call.model.id, 400, {
    object: "error",
    message,
    type: "BadRequestError",
    param: null,
    code: 400,
  });

const ranges: Record<string, [low: number, high: number]> = {
  max_tokens: [1, 1e9],
  max_completion_tokens: [1, 1e9],
  temperature: [0, 2],
  top_p: [0, 1],
  presence_penalty: [-2, 2],
  frequency_penalty: [-2, 2],
};

function checkNumbers(body: Record<string, unknown>): Complaint {
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const value = body[name];
    if (value === undefined) continue;
    const whole = !name.startsWith("max") || Number.isInteger(value);
    if (typeof value !== "number" || !whole || value < low || value > high)
      return `${name} must be in [${low}, ${high}], got ${String(value)}.`;
  }
  return undefined;
}

const roles = ["system", "developer", "user", "assistant", "tool"];

function checkMessages(value: unknown): Complaint {
  if (!Array.isArray(value) || value.length === 0)
    return "messages must be a list with at least one message.";
  for (const [index, message] of value.entries()) {
    const complaint = isObject(message) ? checkMessage(message) : "must be an object";
    if (complaint !== undefined) return `messages.${index}: ${complaint}`;
  }
  return undefined;
}

function checkMessage(message: Record<string, unknown>): Complaint {
  const { role, content, tool_calls: toolCalls } = message;
  if (!roles.includes(String(role))) return `Unexpected message role: ${String(role)}.`;
  if (role === "tool" && typeof message["tool_call_id"] !== "string")
    return "tool_call_id: Field required";
  if (Array.isArray(toolCalls) && !toolCalls.every(isSoundToolCall))
    return "tool_calls: each needs an id and a function with a name and arguments in JSON";
  if (Array.isArray(content)) return content.map(checkPart).find(Boolean);
  const mayBeSilent = role === "assistant" && Array.isArray(toolCalls);
  return typeof content === "string" || mayBeSilent
    ? undefined
    : "content: Input should be a valid string";
}

function isSoundToolCall(call: unknown): boolean {
  const named = isObject(call) ? call["function"] : undefined;
  if (
    !isObject(call) ||
    typeof call["id"] !== "string" ||
    !isObject(named) ||
    typeof named["name"] !== "string"
  )
    return false;
  try {
    JSON.parse(String(named["arguments"]));
    return true;
  } catch {
    return false;
  }
}

function checkPart(part: unknown): Complaint {
  if (!isObject(part)) return "content: each part must be an object";
  if (part["type"] === "text" && typeof part["text"] === "string") return undefined;
  if (part["type"] === "image_url") return "This model does not support image inputs.";
  return `content: Unknown part type: ${String(part["type"])}`;
}

function checkTools(body: Record<string, unknown>): Complaint {
  const { tools, tool_choice: choice } = body;
  if (tools === undefined)
    return choice === undefined || choice === "none"
      ? undefined
      : "When using `tool_choice`, `tools` must be set.";
  if (!Array.isArray(tools) || tools.length === 0)
    return "tools must be a list with at least one tool.";
  const names = tools.map((tool) =>
    isObject(tool) && isObject(tool["function"]) ? tool["function"]["name"] : undefined,
  );
  if (names.some((name) => typeof name !== "string" || name === ""))
    return "tools: each needs a function with a name.";
  const chosen =
    isObject(choice) && isObject(choice["function"]) ? choice["function"]["name"] : undefined;
  if (chosen !== undefined && !names.includes(chosen))
    return `The tool specified in \`tool_choice\` does not match any of the specified \`tools\`: ${String(chosen)}`;
  const known =
    choice === undefined ||
    chosen !== undefined ||
    ["none", "auto", "required"].includes(String(choice));
  return known
    ? undefined
    : 'Invalid value for `tool_choice`: only named tools, "none", "auto" or "required" are supported.';
}

const checkStop = (stop: unknown): Complaint =>
  stop === undefined || [stop].flat().every((each) => typeof each === "string" && each !== "")
    ? undefined
    : "stop must be a text or a list of texts, none of them empty.";

/** The request as the model sees it. */
export function chatPrompt(request: ChatRequest): Prompt {
  const { messages, tools = [], tool_choice: choice = "auto" } = request;
  const lastTurn = messages.slice(messages.findLastIndex((message) => message.role !== "tool") + 1);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  const format = request.response_format;
  const schema =
    format?.type === "json_schema"
      ? format.json_schema?.schema
      : format?.type === "json_object"
        ? anyObject
        : undefined;
  return {
    text: textOf(messages.findLast((message) => message.role === "user")),
    history: JSON.stringify(messages),
    toolResults: lastTurn.map((message) => ({
      id: message.tool_call_id ?? "",
      text: textOf(message),
      failed: false,
    })),
    attachments: [],
    tools: choice === "none" ? [] : tools.map(offeredTool),
    toolChoice: toolChoiceOf(choice),
    parallelTools: request.parallel_tool_calls !== false,
    ...(schema === undefined ? {} : { schema }),
    inputTokens:
      countTokens(JSON.stringify(tools)) +
      messages.reduce((sum, message) => sum + messageTokens(message), 0),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stopSequences: [request.stop ?? []].flat(),
  };
}

const anyObject = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
};

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}

const messageTokens = (message: ChatMessage): number =>
  4 + countTokens(textOf(message)) + countTokens(JSON.stringify(message.tool_calls ?? ""));

const offeredTool = (tool: NonNullable<ChatRequest["tools"]>[number]): OfferedTool => ({
  name: tool.function.name,
  description: tool.function.description ?? "",
  schema: tool.function.parameters ?? {},
});

function toolChoiceOf(choice: NonNullable<ChatRequest["tool_choice"]>): Prompt["toolChoice"] {
  if (typeof choice === "object") return { type: "tool", name: choice.function.name };
  return { type: choice === "required" ? "any" : choice };
}
