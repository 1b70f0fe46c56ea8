import type { Frame } from "../../openai/index.ts";
import type { Restoring } from "../../safety/index.ts";
import { holdsBack, type ArmedFilter } from "./armed-filters.ts";
import { unlessBlocked, type LetOut } from "./let-out.ts";
import { passTexts, type Passage } from "./pass-texts.ts";
import { callPlace } from "./reply-texts.ts";

interface Call {
  /** As it came so far. */
  text: string;
  restoring: Restoring | undefined;
}

/**
 * The arguments of a stream's tool calls. Nobody can use them before they are whole, and a filter reads
 * them as JSON: where one may stop or change them they go out at the end.
 */
export class CallGate {
  readonly #filters: readonly ArmedFilter[];
  readonly #holds: boolean;
  readonly #passage: Passage;
  readonly #calls = new Map<number, Call>();

  constructor(filters: readonly ArmedFilter[], passage: Passage) {
    this.#filters = filters;
    this.#holds = filters.some(holdsBack);
    this.#passage = passage;
  }

  push({ index, text }: Extract<Frame, { type: "toolArguments" }>): LetOut {
    const call = this.#calls.get(index) ?? this.#begin();
    this.#calls.set(index, call);
    call.text += text;
    if (this.#holds) return { frames: [] };
    return { frames: argumentsOf(index, call.restoring?.push(text) ?? text) };
  }

  /** All calls are whole. */
  async end(): Promise<LetOut> {
    const pieces = [...this.#calls].map(([index, { text }]) => ({
      place: callPlace(index),
      text,
      form: "json" as const,
    }));
    return unlessBlocked(async () => {
      const passed = await passTexts(pieces, this.#filters, this.#passage);
      return [...this.#calls].flatMap(([index, { restoring }], position) => {
        const text = this.#holds
          ? this.#restored(passed[position]?.text ?? "")
          : (restoring?.end() ?? "");
        return argumentsOf(index, text);
      });
    });
  }

  #begin(): Call {
    const { placeholders } = this.#passage.inspection;
    return {
      text: "",
      restoring: placeholders.restores ? placeholders.restoring("json") : undefined,
    };
  }

  #restored(text: string): string {
    const { placeholders } = this.#passage.inspection;
    return placeholders.restores ? placeholders.restoreJson(text) : text;
  }
}

const argumentsOf = (index: number, text: string): Frame[] =>
  text === "" ? [] : [{ type: "toolArguments", index, text }];
