import type { ContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { AssistantMessage, Message, MessageToolCall } from "../../openai/index.ts";
import { saidBlocks } from "./said.ts";
import { replayThinking } from "./thinking.ts";
import { type PendingResult, pendingResult } from "./tool-result.ts";
import type { Translation } from "./translation.ts";

export interface UserTurn {
  role: "user";
  results: PendingResult[];
  said: ContentBlock[];
}

export interface AssistantTurn {
  role: "assistant";
  reasoning: ContentBlock[];
  said: ContentBlock[];
  calls: MessageToolCall[];
}

export type Turn = UserTurn | AssistantTurn;

/** A message and what the client calls it, such as `messages[2]`. */
export interface PlacedMessage {
  message: Message;
  at: string;
}

/**
 * Messages as alternating turns: those of one side in a row are one turn, and a message that says
 * nothing is none. Instructions in mid-conversation are said by the user in their place, which
 * keeps a cached prefix as it was.
 */
export function gatherTurns(messages: readonly PlacedMessage[], translation: Translation): Turn[] {
  const turns: Turn[] = [];
  for (const { message, at } of messages) addMessage(turns, message, translation, at);
  return turns;
}

function addMessage(turns: Turn[], message: Message, translation: Translation, at: string): void {
  switch (message.role) {
    case "assistant":
      addAssistant(turns, message, translation, at);
      break;
    case "tool":
      userTurn(turns).results.push(pendingResult(message, translation, at));
      break;
    default: {
      const said = saidBlocks(message, translation, at);
      if (said.length > 0) userTurn(turns).said.push(...said);
    }
  }
}

function addAssistant(
  turns: Turn[],
  message: AssistantMessage,
  translation: Translation,
  at: string,
): void {
  const { reasoning, text } = replayThinking(message, translation);
  const said = [...text, ...saidBlocks(withRefusal(message), translation, at)];
  const calls = message.tool_calls ?? [];
  if (reasoning.length + said.length + calls.length === 0) return;
  const turn = assistantTurn(turns);
  turn.reasoning.push(...reasoning);
  turn.said.push(...said);
  turn.calls.push(...calls);
}

/** A refusal stands in a field of its own where the content is null. */
function withRefusal(message: AssistantMessage): AssistantMessage {
  const { content, refusal } = message;
  const spoke = content !== null && content !== undefined && content.length > 0;
  return spoke || typeof refusal !== "string" ? message : { ...message, content: refusal };
}

function userTurn(turns: Turn[]): UserTurn {
  const last = turns.at(-1);
  if (last?.role === "user") return last;
  const turn: UserTurn = { role: "user", results: [], said: [] };
  turns.push(turn);
  return turn;
}

function assistantTurn(turns: Turn[]): AssistantTurn {
  const last = turns.at(-1);
  if (last?.role === "assistant") return last;
  const turn: AssistantTurn = { role: "assistant", reasoning: [], said: [], calls: [] };
  turns.push(turn);
  return turn;
}
