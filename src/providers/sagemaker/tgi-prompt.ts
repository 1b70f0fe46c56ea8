import type { Message } from "../../openai/index.ts";
import { invalidField } from "../invalid-field.ts";
import { cleanConversation, type Turn } from "./conversation.ts";
import { plainText } from "./content.ts";

const titles = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" } as const;

/** Ends an answer that goes on to play the user's part. */
export const nextTurn = `\n\n${titles.user}:`;

/**
 * The conversation as one text, since the container is not told its model's chat template: each
 * turn under its title, an empty line apart, and the assistant's title last.
 *
 * ```
 * System: Be brief.
 *
 * User: What is the capital of France?
 *
 * Assistant:
 * ```
 *
 * @throws ProviderError invalid_request for images
 */
export function tgiPrompt(messages: readonly Message[]): string {
  const turns = cleanConversation(messages).map(
    (turn) => `${titles[turn.role]}: ${turnText(turn)}`,
  );
  return [...turns, `${titles.assistant}:`].join("\n\n");
}

function turnText(turn: Turn): string {
  switch (turn.role) {
    case "user":
      return userText(turn.content);
    case "assistant":
      return [turn.content ?? "", ...(turn.tool_calls ?? []).map(callText)]
        .filter(Boolean)
        .join("\n");
    default:
      return turn.content;
  }
}

function userText(content: Extract<Turn, { role: "user" }>["content"]): string {
  if (typeof content === "string") return content;
  if (content.every((part) => part.type === "text")) return plainText(content);
  throw invalidField("messages", "hold an image, and this model reads text only");
}

function callText(call: { function: { name: string; arguments: string } }): string {
  return `${call.function.name}(${call.function.arguments})`;
}
