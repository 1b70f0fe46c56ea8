import type { Message } from "../../openai/index.ts";

/**
 * A conversation with its calls and results told as text: for a model that must not call anything
 * further, which Converse cannot be asked for while tools are declared.
 */
export function flattenToolTurns(messages: readonly Message[]): Message[] {
  return messages.map((message): Message => {
    if (message.role === "tool") {
      const { tool_call_id: id, content } = message;
      const heading = { type: "text", text: `Result of the tool call ${id}:` } as const;
      const parts =
        typeof content === "string" ? [{ type: "text", text: content } as const] : content;
      return { role: "user", content: [heading, ...parts], cache_control: message.cache_control };
    }
    if (message.role !== "assistant") return message;
    const { tool_calls: calls, ...rest } = message;
    if (calls === null || calls === undefined || calls.length === 0) return message;
    const told = calls.map(
      (call) =>
        ({
          type: "text",
          text: `Tool call ${call.id}: ${call.function.name}(${call.function.arguments})`,
        }) as const,
    );
    return { ...rest, content: [...partsOf(rest.content), ...told] };
  });
}

type AssistantContent = Extract<Message, { role: "assistant" }>["content"];

function partsOf(content: AssistantContent): Exclude<AssistantContent, string | null | undefined> {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
}
