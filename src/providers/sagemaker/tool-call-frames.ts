import { randomUUID } from "node:crypto";
import type { Frame } from "../../openai/index.ts";
import { countOf } from "../count-of.ts";
import { fieldsOf, isFields, textOf, type Fields } from "./fields.ts";

/** Calls as containers number them, some from 1, made dense and opened once each. */
export class ToolCallFrames {
  readonly #dense = new Map<number, number>();

  /** How many calls have been opened. */
  get opened(): number {
    return this.#dense.size;
  }

  /** Frames of one member of `delta.tool_calls`. */
  read(call: Fields): Frame[] {
    const told = fieldsOf(call["function"]);
    const number = countOf(call["index"]) ?? 0;
    const frames: Frame[] = [];
    const name = textOf(told["name"]);
    let index = this.#dense.get(number);
    if (index === undefined) {
      // Without a name nothing can be called: what precedes it is of no use.
      if (name === "") return [];
      index = this.#dense.size;
      this.#dense.set(number, index);
      const id = textOf(call["id"]) || `call_${randomUUID()}`;
      frames.push({ type: "toolCall", index, id, name });
    }
    const text = argumentsText(told["arguments"]);
    if (text !== "") frames.push({ type: "toolArguments", index, text });
    return frames;
  }
}

/** TGI writes an object where OpenAI's schema wants its JSON. */
function argumentsText(told: unknown): string {
  return isFields(told) ? JSON.stringify(told) : textOf(told);
}
