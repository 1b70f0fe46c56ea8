import { CodedError } from "../lib/index.ts";

/** Thrown where a line or an event outgrows its bound. */
export class StreamOverflowError extends CodedError<"stream_overflow"> {
  constructor(limit: number) {
    super("stream_overflow", `A line or an event is longer than ${limit} characters`);
    this.name = "StreamOverflowError";
  }
}

/** UTF-16 units that a line or an event may hold unless a reader says otherwise. */
export const defaultStreamLimit = 16 * 1024 * 1024;

/**
 * Reads lines of UTF-8 that end with LF, CRLF or CR, from bytes split anywhere: inside a character
 * or a CRLF too.
 */
export class LineDecoder {
  readonly #utf8 = new TextDecoder();
  readonly #limit: number;
  /** The line that has not ended yet. Only new text is scanned, so tiny pieces cost no more. */
  #open = "";
  #afterReturn = false;

  constructor(limit: number = defaultStreamLimit) {
    this.#limit = limit;
  }

  /**
   * @returns the lines that these bytes end, without their ends
   * @throws StreamOverflowError
   */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#utf8.decode(bytes, { stream: true }));
  }

  /** The last line, where nothing ended it. */
  end(): string[] {
    const lines = this.#read(this.#utf8.decode());
    if (this.#open !== "") lines.push(this.#open);
    this.#open = "";
    return lines;
  }

  #read(text: string): string[] {
    const lines: string[] = [];
    let start = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    for (let stop = lineEnd(text, start); stop < text.length; stop = lineEnd(text, start)) {
      lines.push(this.#open + text.slice(start, stop));
      this.#open = "";
      start = stop + (text.startsWith("\r\n", stop) ? 2 : 1);
    }
    this.#open += text.slice(start);
    if (this.#open.length > this.#limit) throw new StreamOverflowError(this.#limit);
    return lines;
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
