import { makeFrameCollector, type ChatReply, type Frame } from "../../openai/index.ts";
import { passReply } from "./pass-reply.ts";
import type { Passage } from "./pass-texts.ts";
import { unlessBlocked, type LetOut, type StreamGate } from "./let-out.ts";

const nothing: LetOut = { frames: [] };

/** Lets nothing out before the answer is whole, and then what may pass of it in few frames. */
export class BufferGate implements StreamGate {
  readonly #passage: Passage;
  readonly #collector = makeFrameCollector();

  constructor(passage: Passage) {
    this.#passage = passage;
  }

  push(frame: Frame): LetOut | Promise<LetOut> {
    if (this.#collector.finished) return { frames: [frame] };
    this.#collector.add(frame);
    if (!this.#collector.finished) return nothing;
    return unlessBlocked(async () =>
      framesOf(await passReply(this.#collector.reply(), this.#passage)),
    );
  }
}

function framesOf({ text, reasoning, toolCalls, finishReason }: ChatReply): Frame[] {
  const frames: Frame[] = [];
  for (const block of reasoning) {
    if (block.type === "redacted_thinking") {
      frames.push({ type: "redactedReasoning", data: block.data });
      continue;
    }
    frames.push({ type: "reasoning", text: block.thinking });
    if (block.signature !== undefined)
      frames.push({ type: "reasoningSignature", signature: block.signature });
  }
  if (text !== "") frames.push({ type: "text", text });
  for (const [index, call] of toolCalls.entries()) {
    frames.push({ type: "toolCall", index, id: call.id, name: call.name });
    frames.push({ type: "toolArguments", index, text: call.arguments });
  }
  return [...frames, { type: "finish", reason: finishReason }];
}
