import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { Frame } from "../../openai/index.ts";
import { drain } from "../answer-stream.ts";
import type { CallFacts } from "../contract.ts";
import type { Reading } from "./converse-request.ts";
import { StreamReader } from "./stream-frames.ts";
import type { EventStream } from "./transport.ts";

/** One stream's frames, as OpenChat promises them. */
export function openFrames(
  stream: EventStream,
  reading: Reading,
  facts: CallFacts,
): AsyncIterable<Frame> {
  const frames = new ConverseFrames(stream, new StreamReader(reading, facts));
  return { [Symbol.asyncIterator]: () => frames };
}

const noFrames: readonly Frame[] = [];

/** For one reader that asks for one frame at a time. A generator would put two promises more around each. */
class ConverseFrames implements AsyncIterator<Frame, undefined> {
  readonly #stream: EventStream;
  readonly #reader: StreamReader;
  readonly #events: AsyncIterator<ConverseStreamOutput, unknown>;
  #frames = noFrames;
  #at = 0;
  #ended = false;

  constructor(stream: EventStream, reader: StreamReader) {
    this.#stream = stream;
    this.#reader = reader;
    this.#events = stream.events[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<Frame, undefined>> {
    for (;;) {
      const held = this.#held();
      if (held !== undefined) return held;
      let event: IteratorResult<ConverseStreamOutput, unknown>;
      try {
        event = await this.#events.next();
      } catch (error) {
        throw this.#failed(this.#reader.broken(error));
      }
      this.#take(event);
    }
  }

  /** Whoever leaves closes the answer upstream at once; the event under way, if one is, may never come. */
  async return(): Promise<IteratorResult<Frame, undefined>> {
    this.#ended = true;
    this.#stream.close();
    return { done: true, value: undefined };
  }

  /** @returns undefined where the next event has to tell */
  #held(): IteratorResult<Frame, undefined> | undefined {
    const frame = this.#frames[this.#at];
    if (frame !== undefined) {
      this.#at += 1;
      return { done: false, value: frame };
    }
    if (this.#reader.complete && !this.#ended) this.#end();
    return this.#ended ? { done: true, value: undefined } : undefined;
  }

  #take(event: IteratorResult<ConverseStreamOutput, unknown>): void {
    try {
      if (event.done === true) this.#reader.end();
      this.#frames = event.done === true ? noFrames : this.#reader.read(event.value);
      this.#at = 0;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): unknown {
    this.#ended = true;
    this.#frames = noFrames;
    this.#stream.close();
    return error;
  }

  #end(): void {
    this.#ended = true;
    void drain({ events: this.#events, close: () => this.#stream.close() });
  }
}
