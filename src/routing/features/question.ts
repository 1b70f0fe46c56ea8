import type { ChatRequest, Message } from "../../openai/index.ts";

/** What a classifier may know of a request. */
export interface Question {
  /** The text that is asked last. */
  text: string;
  /** Messages before it, those of the system aside. */
  earlierTurns: number;
  tools: number;
  /** Size of the tools' schemas as JSON, in UTF-16 units. */
  schemaCharacters: number;
  /** Images and documents. */
  images: number;
}

/** A question that is nothing but its text. */
export function plainQuestion(text: string): Question {
  return { text, earlierTurns: 0, tools: 0, schemaCharacters: 0, images: 0 };
}

/** What a request asks, of a user's last message; earlier ones are counted, not read. */
export function questionOf(request: ChatRequest): Question {
  const question = plainQuestion("");
  for (const { function: offered } of request.tools ?? []) {
    question.tools += 1;
    question.schemaCharacters += JSON.stringify(offered).length;
  }
  let turns = 0;
  for (const message of request.messages) {
    if (message.role === "system" || message.role === "developer") continue;
    turns += 1;
    addMessage(question, message);
  }
  question.earlierTurns = Math.max(0, turns - 1);
  return question;
}

function addMessage(question: Question, message: Message): void {
  const isUser = message.role === "user";
  if (typeof message.content === "string") {
    if (isUser) question.text = message.content;
    return;
  }
  const texts: string[] = [];
  for (const part of message.content ?? []) {
    if (part.type === "text") texts.push(part.text);
    else if (part.type !== "refusal") question.images += 1;
  }
  if (isUser && texts.length > 0) question.text = texts.join("\n");
}
