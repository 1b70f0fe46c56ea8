import type { HandledCall } from "../handled-call.ts";
import type { ChatRequest } from "./chat-request.ts";
import { containerError } from "./container-error.ts";

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
      return `${name} must be in [${low}, ${high}], got ${JSON.stringify(value)}.`;
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
  if (!roles.includes(String(role))) return `Unexpected message role: ${JSON.stringify(role)}.`;
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
    JSON.parse(named["arguments"] as string);
    return true;
  } catch {
    return false;
  }
}

function checkPart(part: unknown): Complaint {
  if (!isObject(part)) return "content: each part must be an object";
  if (part["type"] === "text" && typeof part["text"] === "string") return undefined;
  if (part["type"] === "image_url") return "This model does not support image inputs.";
  return `content: Unknown part type: ${JSON.stringify(part["type"])}`;
}

function checkTools(body: Record<string, unknown>): Complaint {
  const { tools, tool_choice: choice } = body;
  if (tools === undefined) {
    const asked = choice !== undefined && choice !== "none";
    return asked ? "When using `tool_choice`, `tools` must be set." : undefined;
  }
  if (!Array.isArray(tools) || tools.length === 0)
    return "tools must be a list with at least one tool.";
  const names = tools.map(functionName);
  if (names.includes("")) return "tools: each needs a function with a name.";
  return checkToolChoice(choice, names);
}

function functionName(tool: unknown): string {
  const named = isObject(tool) ? tool["function"] : undefined;
  const name = isObject(named) ? named["name"] : undefined;
  return typeof name === "string" ? name : "";
}

const toolChoices: readonly unknown[] = [undefined, "none", "auto", "required"];

function checkToolChoice(choice: unknown, names: readonly string[]): Complaint {
  if (toolChoices.includes(choice)) return undefined;
  const chosen = functionName(choice);
  if (chosen === "")
    return 'Invalid value for `tool_choice`: only named tools, "none", "auto" or "required" are supported.';
  return names.includes(chosen)
    ? undefined
    : `The tool specified in \`tool_choice\` does not match any of the specified \`tools\`: ${chosen}`;
}

const checkStop = (stop: unknown): Complaint =>
  stop === undefined || [stop].flat().every((each) => typeof each === "string" && each !== "")
    ? undefined
    : "stop must be a text or a list of texts, none of them empty.";
