import { type EventMessage, EventStreamDecoder } from "./event-stream.ts";
import type { Flow, Receiver } from "./exchange.ts";

/** A reader that is slower than the wire is waited for once so many messages, or bytes, are held for it. */
const mostHeld = 64;
const mostHeldBytes = 1024 * 1024;

export interface Reading<Event> {
  /** Gives undefined for a message to be passed over, and throws what the stream is to fail with. */
  read: (message: EventMessage) => Event | undefined;
  /** What the reader is told in place of an error. */
  translate: (error: unknown) => unknown;
}

/**
 * The events of one stream, for one reader that asks for one at a time. What came before a failure is
 * given before it is thrown, unless the stream was closed.
 */
export class EventSource<Event> implements Receiver, AsyncIterableIterator<Event, undefined> {
  readonly #flow: Flow;
  readonly #read: (message: EventMessage) => Event | undefined;
  readonly #translate: (error: unknown) => unknown;
  readonly #decoder = new EventStreamDecoder();
  #held: EventMessage[] = [];
  #at = 0;
  /** Of the chunks that came since the reader last had all. */
  #bytes = 0;
  #waiting: (() => void) | undefined;
  #failure: { error: unknown } | undefined;
  #ended = false;
  #paused = false;

  constructor(flow: Flow, { read, translate }: Reading<Event>) {
    this.#flow = flow;
    this.#read = read;
    this.#translate = translate;
  }

  data(chunk: Buffer): void {
    this.#decoder.push(chunk, this.#held);
    if (this.#held.length === 0) return;
    this.#bytes += chunk.length;
    this.#wake();
    if (this.#paused || !this.#isFull()) return;
    this.#paused = true;
    this.#flow.pause();
  }

  #isFull(): boolean {
    return this.#held.length - this.#at > mostHeld || this.#bytes > mostHeldBytes;
  }

  end(): void {
    this.#decoder.end();
    this.#ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = { error };
    this.#wake();
  }

  /** Aborts what has not come yet, and forgets what has. */
  close(reason: unknown): void {
    this.#held = [];
    this.#at = 0;
    if (!this.#ended) this.#flow.abort(reason);
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      const event = this.#take();
      if (event !== undefined) return { done: false, value: event };
      if (this.#ended) return this.#finish();
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Event | undefined {
    for (;;) {
      const message = this.#held[this.#at];
      if (message === undefined) {
        if (!this.#refill()) return undefined;
        continue;
      }
      this.#at += 1;
      const event = this.#readOne(message);
      if (event !== undefined) return event;
    }
  }

  #readOne(message: EventMessage): Event | undefined {
    try {
      return this.#read(message);
    } catch (error) {
      this.close(error);
      this.#ended = true;
      this.#failure = undefined;
      throw this.#translate(error);
    }
  }

  /** @returns whether there are messages at once: what was paused may come in before this returns */
  #refill(): boolean {
    this.#held = [];
    this.#at = 0;
    this.#bytes = 0;
    if (!this.#paused) return false;
    this.#paused = false;
    this.#flow.resume();
    return this.#held.length > 0;
  }

  #finish(): IteratorResult<Event, undefined> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw this.#translate(failure.error);
    return { done: true, value: undefined };
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
