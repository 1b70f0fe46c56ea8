import {
  makeFrameCollector,
  type ChatReply,
  type Frame,
  type FrameCollector,
} from "../../openai/index.ts";

/** Whether there is room for so many more bytes; they are held then. */
export type TakeRoom = (bytes: number) => boolean;

/**
 * What a provider answered, before any filter of the output, kept for comparison with a shadow's answer.
 * Where there is no room for it, nothing of it is kept.
 */
export class Transcript {
  readonly #takeRoom: TakeRoom;
  #frames: FrameCollector | undefined;
  #whole: ChatReply | undefined;
  #spoilt = false;

  constructor(takeRoom: TakeRoom) {
    this.#takeRoom = takeRoom;
  }

  /** Undefined where it did not come to its end, or there was no room for it. */
  get reply(): ChatReply | undefined {
    if (this.#whole !== undefined) return this.#whole;
    return this.#frames?.finished === true ? this.#frames.reply() : undefined;
  }

  /** Whether there was no room for it. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  add(frame: Frame): void {
    if (!this.#hasRoomFor(lengthOf(frame))) return;
    this.#frames ??= makeFrameCollector();
    this.#frames.add(frame);
  }

  keep(reply: ChatReply): void {
    if (this.#hasRoomFor(replyLength(reply))) this.#whole = reply;
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#spoilt) return false;
    this.#spoilt = !this.#takeRoom(bytes);
    if (this.#spoilt) this.#frames = undefined;
    return !this.#spoilt;
  }
}

function lengthOf(frame: Frame): number {
  switch (frame.type) {
    case "text":
    case "reasoning":
    case "toolArguments":
      return frame.text.length;
    case "reasoningSignature":
      return frame.signature.length;
    case "redactedReasoning":
      return frame.data.length;
    default:
      return 0;
  }
}

/** UTF-16 units of all that a model said. */
function replyLength({ text, reasoning, toolCalls }: ChatReply): number {
  let length = text.length;
  for (const block of reasoning) {
    length +=
      block.type === "thinking"
        ? block.thinking.length + (block.signature?.length ?? 0)
        : block.data.length;
  }
  for (const call of toolCalls) length += call.arguments.length;
  return length;
}
