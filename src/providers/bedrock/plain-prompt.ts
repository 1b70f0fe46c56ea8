// Most chats are instructions and texts that take turns. What Converse makes of those takes a tenth of
// the time to write down that all the cases of a prompt take to be excluded one by one; whatever else there
// is, is left to these. A property test holds the two equal.
import type { SystemContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { Message } from "../../openai/index.ts";
import { isBlank } from "./blank.ts";
import type { Turned } from "./messages.ts";

interface PlainPrompt {
  system: SystemContentBlock[];
  messages: Turned[];
}

/** @returns undefined where there is anything but texts, of which the user has the first and the last word */
export function plainPrompt(messages: readonly Message[]): PlainPrompt | undefined {
  const prompt: PlainPrompt = { system: [], messages: [] };
  let next: Turned["role"] = "user";
  for (const message of messages) {
    const text = plainText(message);
    if (text === undefined) return undefined;
    if (message.role === next) {
      prompt.messages.push({ role: next, content: [{ text }] });
      next = next === "user" ? "assistant" : "user";
    } else if (isLeadingInstruction(message, prompt)) prompt.system.push({ text });
    else return undefined;
  }
  return next === "assistant" ? prompt : undefined;
}

const isLeadingInstruction = ({ role }: Message, { messages }: PlainPrompt): boolean =>
  messages.length === 0 && (role === "system" || role === "developer");

/** The message's text, where that is all that it is. */
function plainText(message: Message): string | undefined {
  const { content, cache_control: mark } = message;
  if (typeof content !== "string" || isBlank(content) || (mark ?? null) !== null) return undefined;
  return message.role === "assistant" && !isTextAlone(message) ? undefined : content;
}

/** Whether an assistant's turn has neither calls nor thoughts; a refusal counts only where there is no text. */
const isTextAlone = (message: Message & { role: "assistant" }): boolean =>
  message.tool_calls === undefined &&
  message.thinking_blocks === undefined &&
  message.reasoning_content === undefined;
