import type { ChatRequest, Message } from "../../openai/index.ts";

interface Turn {
  role: string;
  content: string;
  /** Left out of the JSON where there are none. */
  tool_calls?: object[] | undefined;
}

/**
 * What a request asks, for a judge to read: the text of its one message, else the conversation and the tools
 * on offer as JSON.
 *
 * @returns undefined where some of it is no text: a judge that cannot see the image cannot judge what is said of it
 */
export function questionText({ messages, tools = [] }: ChatRequest): string | undefined {
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn = turnOf(message);
    if (turn === undefined) return undefined;
    turns.push(turn);
  }
  const [only] = turns;
  if (only !== undefined && turns.length === 1 && tools.length === 0) return only.content;
  const offered = tools.length === 0 ? undefined : tools.map((tool) => tool.function);
  return JSON.stringify({ messages: turns, tools: offered });
}

function turnOf(message: Message): Turn | undefined {
  const content = textOf(message);
  if (content === undefined) return undefined;
  if (message.role !== "assistant") return { role: message.role, content };
  const calls = message.tool_calls?.map((call) => call.function);
  return { role: message.role, content, tool_calls: calls };
}

function textOf({ content }: Message): string | undefined {
  if (typeof content === "string") return content;
  const texts: string[] = [];
  for (const part of content ?? []) {
    if (part.type === "text") texts.push(part.text);
    else if (part.type === "refusal") texts.push(part.refusal);
    else return undefined;
  }
  return texts.join("\n");
}
