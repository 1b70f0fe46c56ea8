import type {
  AssistantMessage,
  ContentPart,
  Message,
  MessageToolCall,
  ToolMessage,
} from "../../openai/index.ts";
import { plainText, userParts, type UserPart } from "./content.ts";

/** A turn that every chat template takes: systems lead, users and assistants take turns. */
export type Turn =
  | { role: "system"; content: string }
  | { role: "user"; content: string | UserPart[] }
  | { role: "assistant"; content: string | null; tool_calls?: Required<MessageToolCall>[] }
  | { role: "tool"; tool_call_id: string; content: string };

/**
 * Brings a conversation to what containers' chat templates accept. Many refuse a system turn after
 * the first or two turns of one role, and take text as a string only.
 *
 * @throws ProviderError invalid_request for content that no container reads
 */
export function cleanConversation(messages: readonly Message[]): Turn[] {
  const conversation = new Conversation();
  messages.forEach((message, index) => conversation.add(message, `messages[${index}]`));
  return conversation.end();
}

type ToolTurn = Extract<Turn, { role: "tool" }>;
type AssistantTurn = Extract<Turn, { role: "assistant" }>;

class Conversation {
  readonly #turns: Turn[] = [];
  /** Calls whose results have not come yet. */
  readonly #open = new Set<string>();
  /** The results since the last calls, by the calls' ids. */
  readonly #results = new Map<string, ToolTurn>();
  /** What has to wait until the results are complete: nothing may stand between them. */
  #waiting: UserPart[] = [];

  add(message: Message, at: string): void {
    if (message.role === "tool") return this.#addResult(message, at);
    if (this.#open.size === 0) this.#addWaiting();
    switch (message.role) {
      case "assistant":
        return this.#addAssistant(message);
      case "user":
        return this.#addUser(partsOf(message.content, at));
      default:
        return this.#addSystem(plainText(message.content));
    }
  }

  end(): Turn[] {
    this.#closeCalls();
    this.#addWaiting();
    if (this.#turns.length === 0) this.#turns.push({ role: "user", content: "" });
    return this.#turns.map(withPlainText);
  }

  #addSystem(text: string): void {
    if (text === "") return;
    const [first] = this.#turns;
    if (first === undefined) this.#turns.push({ role: "system", content: text });
    else if (first.role === "system" && this.#turns.length === 1) first.content += `\n\n${text}`;
    else this.#addUser([{ type: "text", text }]);
  }

  #addUser(parts: readonly UserPart[]): void {
    if (parts.length === 0) return;
    const last = this.#turns.at(-1);
    if (this.#open.size > 0) this.#waiting.push(...parts);
    else if (last?.role === "user" && Array.isArray(last.content)) last.content.push(...parts);
    else this.#turns.push({ role: "user", content: [...parts] });
  }

  #addAssistant(message: AssistantMessage): void {
    const text = plainText(message.content ?? message.refusal ?? "");
    const calls = message.tool_calls ?? [];
    if (text === "" && calls.length === 0) return;
    this.#closeCalls();
    this.#addWaiting();
    for (const call of calls) this.#open.add(call.id);
    const turn = this.#assistantTurn();
    turn.content = [turn.content, text].filter(Boolean).join("\n") || null;
    if (calls.length > 0) turn.tool_calls = calls.map(cleanCall);
  }

  /** The last turn, where it is an assistant's that may go on, else a new one. */
  #assistantTurn(): AssistantTurn {
    const last = this.#turns.at(-1);
    if (last?.role === "assistant" && last.tool_calls === undefined) return last;
    const turn: AssistantTurn = { role: "assistant", content: null };
    this.#turns.push(turn);
    return turn;
  }

  /** Of several results of one call the last counts; one of no call is a user's word. */
  #addResult(message: ToolMessage, at: string): void {
    const { tool_call_id: id } = message;
    const parts = partsOf(message.content, at);
    const known = this.#open.has(id) || this.#results.has(id);
    if (known) this.#result(id).content = plainText(message.content);
    // A result is text for every container: what it shows comes in the turn after it.
    this.#waiting.push(...(known ? parts.filter((part) => part.type !== "text") : parts));
  }

  #result(id: string): ToolTurn {
    const before = this.#results.get(id);
    if (before !== undefined) return before;
    const turn: ToolTurn = { role: "tool", tool_call_id: id, content: "" };
    this.#turns.push(turn);
    this.#results.set(id, turn);
    this.#open.delete(id);
    return turn;
  }

  /** Templates demand a result for every call. */
  #closeCalls(): void {
    for (const id of this.#open) this.#result(id).content = "No result was given.";
    this.#results.clear();
  }

  #addWaiting(): void {
    const parts = this.#waiting;
    this.#waiting = [];
    this.#addUser(parts);
  }
}

function partsOf(content: string | readonly ContentPart[], at: string): UserPart[] {
  return userParts(typeof content === "string" ? [{ type: "text", text: content }] : content, at);
}

function withPlainText(turn: Turn): Turn {
  if (turn.role !== "user" || typeof turn.content === "string") return turn;
  const illustrated = turn.content.some((part) => part.type !== "text");
  return illustrated ? turn : { role: "user", content: plainText(turn.content) };
}

function cleanCall(call: MessageToolCall): Required<MessageToolCall> {
  const { name, arguments: text } = call.function;
  return { id: call.id, type: "function", function: { name, arguments: objectText(text) } };
}

/** Templates parse the arguments; what is no JSON object would make them fail. */
function objectText(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? text : "{}";
  } catch {
    return "{}";
  }
}
