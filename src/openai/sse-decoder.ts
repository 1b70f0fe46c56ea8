import { defaultStreamLimit, LineDecoder, StreamOverflowError } from "./line-decoder.ts";

export interface SseEvent {
  /** The `event` field; "" where there was none. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
}

/** Reads an event stream (WHATWG HTML, server-sent events) from bytes split anywhere. */
export class SseDecoder {
  readonly #lines: LineDecoder;
  readonly #limit: number;
  #event = "";
  #data: string[] = [];
  #size = 0;

  /** @param limit UTF-16 units that one event may hold */
  constructor(limit: number = defaultStreamLimit) {
    this.#lines = new LineDecoder(limit);
    this.#limit = limit;
  }

  /**
   * @returns the events that these bytes complete
   * @throws StreamOverflowError
   */
  push(bytes: Uint8Array): SseEvent[] {
    return this.#read(this.#lines.push(bytes));
  }

  /** What is left at the end. Servers often omit the last blank line, so an open event counts. */
  end(): SseEvent[] {
    return this.#read([...this.#lines.end(), ""]);
  }

  #read(lines: readonly string[]): SseEvent[] {
    const events: SseEvent[] = [];
    for (const line of lines) {
      const event = line === "" ? this.#dispatch() : this.#takeField(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #takeField(line: string): undefined {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const from = line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
    const value = colon === -1 ? "" : line.slice(from);
    if (field === "event") this.#event = value;
    if (field !== "data") return;
    this.#data.push(value);
    this.#size += value.length + 1;
    if (this.#size > this.#limit) throw new StreamOverflowError(this.#limit);
  }

  #dispatch(): SseEvent | undefined {
    const complete =
      this.#data.length === 0 ? undefined : { event: this.#event, data: this.#data.join("\n") };
    this.#event = "";
    this.#data = [];
    this.#size = 0;
    return complete;
  }
}
