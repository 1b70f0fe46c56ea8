import { CodedError } from "../lib/index.ts";

export interface SseEvent {
  /** The `event` field; "" where there was none. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
}

/** Thrown where an event outgrows its bound. */
export class SseOverflowError extends CodedError<"event_too_large"> {
  constructor(limit: number) {
    super("event_too_large", `An event is longer than ${limit} characters`);
    this.name = "SseOverflowError";
  }
}

const defaultLimit = 16 * 1024 * 1024;

/**
 * Reads an event stream (WHATWG HTML, server-sent events) from bytes split anywhere, inside a
 * UTF-8 character or a CRLF too.
 */
export class SseDecoder {
  readonly #utf8 = new TextDecoder();
  readonly #limit: number;
  /** The line that has not ended yet. Only new text is scanned, so tiny pieces cost no more. */
  #line = "";
  #afterReturn = false;
  #event = "";
  #data: string[] = [];
  #size = 0;

  /** @param limit UTF-16 units that one event may hold */
  constructor(limit: number = defaultLimit) {
    this.#limit = limit;
  }

  /**
   * @returns the events that these bytes complete
   * @throws SseOverflowError
   */
  push(bytes: Uint8Array): SseEvent[] {
    return this.#read(this.#utf8.decode(bytes, { stream: true }));
  }

  /** What is left at the end. Servers often omit the last blank line, so an open event counts. */
  end(): SseEvent[] {
    return this.#read(`${this.#utf8.decode()}\n\n`);
  }

  #read(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    let start = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    for (let stop = lineEnd(text, start); stop < text.length; stop = lineEnd(text, start)) {
      const event = this.#takeLine(this.#line + text.slice(start, stop));
      if (event !== undefined) events.push(event);
      this.#line = "";
      start = stop + (text.startsWith("\r\n", stop) ? 2 : 1);
    }
    this.#line += text.slice(start);
    if (this.#size + this.#line.length > this.#limit) throw new SseOverflowError(this.#limit);
    return events;
  }

  #takeLine(line: string): SseEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const from = line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
    const value = colon === -1 ? "" : line.slice(from);
    if (field === "data") {
      this.#data.push(value);
      this.#size += value.length + 1;
      if (this.#size > this.#limit) throw new SseOverflowError(this.#limit);
    } else if (field === "event") {
      this.#event = value;
    }
    return undefined;
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

/** Where the line that begins at `start` ends: the index of its CR or LF, or the text's length. */
function lineEnd(text: string, start: number): number {
  for (let index = start; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 10 || unit === 13) return index;
  }
  return text.length;
}
