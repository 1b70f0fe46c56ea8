import type { WireChatRequest } from "./chat-request.ts";
import type { AssistantMessage, MessageToolCall, ToolMessage, WireMessage } from "./message.ts";

/**
 * Brings the deprecated forms (`functions`, `function_call`, the role `function`) to today's.
 * A request without them is given back as it is.
 */
export function normalizeLegacy(request: WireChatRequest): WireChatRequest {
  const { functions, function_call: choice, ...rest } = request;
  if (functions === undefined && choice === undefined && !request.messages.some(isLegacy)) {
    return request;
  }
  const modern: WireChatRequest = { ...rest, messages: modernMessages(request.messages) };
  if (functions !== undefined && rest.tools === undefined) {
    modern.tools = functions.map((definition) => ({ type: "function", function: definition }));
  }
  if (choice !== undefined && rest.tool_choice === undefined) {
    modern.tool_choice =
      typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
  }
  return modern;
}

function isLegacy(message: WireMessage): boolean {
  return message.role === "function" || legacyCall(message) !== undefined;
}

function legacyCall(message: WireMessage): MessageToolCall["function"] | undefined {
  return "function_call" in message ? (message.function_call ?? undefined) : undefined;
}

/** Legacy calls have no id: each gets one by its place, which the result after it answers. */
function modernMessages(messages: readonly WireMessage[]): WireMessage[] {
  let id = "call_function_0";
  return messages.map((message, index) => {
    const call = legacyCall(message);
    if (call !== undefined) {
      id = `call_function_${index}`;
      return withToolCall(message as AssistantMessage, id, call);
    }
    return message.role === "function" ? toolResult(id, message.content) : message;
  });
}

function withToolCall(
  message: AssistantMessage & { function_call?: unknown },
  id: string,
  call: MessageToolCall["function"],
): AssistantMessage {
  const { function_call: _, ...rest } = message;
  return {
    ...rest,
    tool_calls: [...(rest.tool_calls ?? []), { id, type: "function", function: call }],
  };
}

function toolResult(id: string, content: string | null | undefined): ToolMessage {
  return { role: "tool", tool_call_id: id, content: content ?? "" };
}
