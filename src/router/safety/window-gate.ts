import { makeFrameCollector, type Frame, type FrameCollector } from "../../openai/index.ts";
import { hasWindow, type ArmedFilter } from "./armed-filters.ts";
import { CallGate } from "./call-gate.ts";
import { unlessBlocked, type LetOut, type StreamGate } from "./let-out.ts";
import { passTexts, type Passage } from "./pass-texts.ts";
import { answerPlace, textsOfReply, thoughtPlace } from "./reply-texts.ts";
import { TextPasser, type Through } from "./text-passer.ts";

/**
 * Lets out of each text what no more of it could change: of what the model says, of each block of what
 * it thinks, and of each tool call. Filters that only the whole tells look at it behind, at the end.
 */
export class WindowGate implements StreamGate {
  readonly #passage: Passage;
  readonly #windowed: readonly ArmedFilter[];
  readonly #behind: readonly ArmedFilter[];
  /** The answer as the model gave it; only where somebody looks behind. */
  readonly #collector: FrameCollector | undefined;
  readonly #calls: CallGate;
  #answer: TextPasser;
  #thought: TextPasser | undefined;
  #thoughts = 0;

  constructor(passage: Passage) {
    this.#passage = passage;
    const { output } = passage.inspection.filters;
    this.#windowed = output.filter(hasWindow);
    this.#behind = output.filter((armed) => !hasWindow(armed));
    this.#collector = this.#behind.length > 0 ? makeFrameCollector() : undefined;
    this.#calls = new CallGate(this.#windowed, passage);
    this.#answer = new TextPasser(answerPlace, this.#windowed, passage);
  }

  push(frame: Frame): LetOut | Promise<LetOut> {
    this.#collector?.add(frame);
    switch (frame.type) {
      case "text":
        return this.#say(frame.text);
      case "reasoning":
        this.#thought ??= this.#nextThought();
        return letOut("reasoning", this.#thought.push(frame.text));
      case "reasoningSignature":
      case "redactedReasoning":
        return this.#endThought(frame);
      case "toolArguments":
        return this.#calls.push(frame);
      case "finish":
        return this.#finish(frame);
      default:
        return { frames: [frame] };
    }
  }

  /** A model that speaks has thought: what is held of a thought that nobody signs goes out before it. */
  #say(text: string): LetOut {
    const thought = text === "" ? undefined : this.#thought;
    if (thought === undefined) return letOut("text", this.#answer.push(text));
    this.#thought = undefined;
    const { frames, block } = letOut("reasoning", thought.end());
    if (block !== undefined) return { frames, block };
    const said = letOut("text", this.#answer.push(text));
    return { ...said, frames: [...frames, ...said.frames] };
  }

  #nextThought(): TextPasser {
    const place = thoughtPlace(this.#thoughts);
    this.#thoughts += 1;
    return new TextPasser(place, this.#windowed, this.#passage);
  }

  /** A signature vouches for what the model thought: over other words it would be refused in later turns. */
  #endThought(frame: Frame): LetOut {
    const thought = this.#thought;
    this.#thought = undefined;
    if (frame.type === "redactedReasoning") this.#thoughts += 1;
    if (thought === undefined) return { frames: [frame] };
    const { frames, ...rest } = letOut("reasoning", thought.end());
    const isVoid = frame.type === "reasoningSignature" && thought.changed;
    return isVoid || rest.block !== undefined
      ? { frames, ...rest }
      : { frames: [...frames, frame] };
  }

  async #finish(frame: Frame): Promise<LetOut> {
    const ends = [
      () => letOut("reasoning", this.#thought?.end() ?? { text: "" }),
      () => letOut("text", this.#answer.end()),
      () => this.#calls.end(),
      () => this.#lookBehind(),
    ];
    const out: Frame[] = [];
    for (const end of ends) {
      const { frames, block } = await end();
      out.push(...frames);
      if (block !== undefined) return { frames: out, block };
    }
    return { frames: [...out, frame] };
  }

  async #lookBehind(): Promise<LetOut> {
    const collector = this.#collector;
    if (collector === undefined) return { frames: [] };
    return unlessBlocked(async () => {
      await passTexts(textsOfReply(collector.reply()), this.#behind, this.#passage);
      return [];
    });
  }
}

function letOut(type: "text" | "reasoning", { text, block }: Through): LetOut {
  const frames: Frame[] = text === "" ? [] : [{ type, text }];
  return block === undefined ? { frames } : { frames, block };
}
