import type { FinishReason, Frame, Usage } from "../../openai/index.ts";
import { throwContainerError } from "./container-error.ts";
import { fieldsOf, isFields, listOf, malformed, textOf, type Fields } from "./fields.ts";
import { finishReason } from "./finish-reason.ts";
import type { AnswerReader } from "./payload.ts";
import { ToolCallFrames } from "./tool-call-frames.ts";
import { readUsage } from "./usage.ts";

/** The frames of a whole answer: its message is read as if it were a stream's only delta. */
export function readCompletion(answer: unknown): Frame[] {
  throwContainerError(answer);
  const { choices, usage } = fieldsOf(answer);
  const choice = fieldsOf(listOf(choices)[0]);
  const { message, finish_reason: reason } = choice;
  if (!isFields(message)) throw malformed();
  const delta = { ...message, tool_calls: listOf(message["tool_calls"]).map(indexed) };
  const reader = new ChunkReader();
  const frames = reader.read({ choices: [{ delta, finish_reason: reason }], usage });
  reader.markDone();
  return [...frames, ...reader.ending()];
}

const indexed = (call: unknown, index: number): object => ({ ...fieldsOf(call), index });

/** Reads the chunks of OpenAI's chat completions, as vLLM, LMI, SGLang and TGI write them. */
export class ChunkReader implements AnswerReader {
  readonly #calls = new ToolCallFrames();
  #told: string | undefined;
  #usage: Usage | undefined;
  #complete = false;

  read(event: unknown): Frame[] {
    throwContainerError(event);
    if (!isFields(event) || !Array.isArray(event["choices"])) throw malformed();
    // Some count in every chunk, most in one more after the last: the latest count is the whole.
    this.#usage = readUsage(event["usage"]) ?? this.#usage;
    const choice = fieldsOf(event["choices"][0]);
    const frames =
      this.#told === undefined ? readDelta(fieldsOf(choice["delta"]), this.#calls) : [];
    this.#told ??= textOf(choice["finish_reason"]) || undefined;
    return frames;
  }

  markDone(): void {
    this.#told ??= "stop";
    this.#complete = true;
  }

  get complete(): boolean {
    return this.#complete;
  }

  ending(): Frame[] {
    if (this.#told === undefined) return [];
    const finish: Frame = { type: "finish", reason: this.#reason(finishReason(this.#told)) };
    return this.#usage === undefined ? [finish] : [finish, { type: "usage", usage: this.#usage }];
  }

  /** A call that the client forced ends with `stop` at vLLM, which clients would take for no call. */
  #reason(told: FinishReason): FinishReason {
    return told === "stop" && this.#calls.opened > 0 ? "tool_calls" : told;
  }
}

function readDelta(delta: Fields, calls: ToolCallFrames): Frame[] {
  const frames: Frame[] = [];
  const thought = textOf(delta["reasoning_content"]) || textOf(delta["reasoning"]);
  if (thought !== "") frames.push({ type: "reasoning", text: thought });
  const text = textOf(delta["content"]) || textOf(delta["refusal"]);
  if (text !== "") frames.push({ type: "text", text });
  for (const call of listOf(delta["tool_calls"])) frames.push(...calls.read(fieldsOf(call)));
  return frames;
}
