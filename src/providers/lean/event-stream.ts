import { crc32 } from "node:zlib";
import { mostAnswerBytes } from "../answer-bound.ts";

const preludeBytes = 12;
const checksumBytes = 4;
const leastBytes = preludeBytes + checksumBytes;

/** The headers of a message that tell what it is; those of other names are passed over. */
export type Labels = Readonly<Partial<Record<Label, string>>>;

type Label = ":message-type" | ":event-type" | ":exception-type" | ":error-code" | ":error-message";

/** One message of `application/vnd.amazon.eventstream`. */
export interface EventMessage {
  labels: Labels;
  payload: Buffer;
}

/** Bytes that are no event stream: a wrong checksum, or lengths that do not fit. */
export class EventStreamError extends Error {
  override readonly name = "EventStreamError";
}

/**
 * Reads messages out of the bytes of an event stream, wherever these are cut:
 * u32 length of all, u32 length of the headers, u32 CRC of both, headers, payload, u32 CRC of all before.
 */
export class EventStreamDecoder {
  readonly #labels = new LabelReader();
  /** The beginning of a message whose end has not come; it grows to the message's length. */
  #held: Buffer = Buffer.alloc(0);
  #size = 0;

  /**
   * Adds what is complete to `messages`. Payloads are views of `bytes` where these hold them whole.
   *
   * @throws EventStreamError, once the messages before the fault have been added; nothing may follow
   */
  push(bytes: Buffer, messages: EventMessage[]): void {
    let at = this.#size === 0 ? 0 : this.#complete(bytes, messages);
    while (bytes.length - at >= preludeBytes) {
      const length = messageLength(bytes, at);
      if (length > bytes.length - at) break;
      messages.push(this.#read(bytes, at, length));
      at += length;
    }
    if (at < bytes.length) this.#hold(bytes, at, bytes.length);
  }

  /** @throws EventStreamError where the bytes ended within a message */
  end(): void {
    if (this.#size > 0) throw new EventStreamError("The stream ends within a message");
  }

  /** Adds to what is held until that is one message. @returns where the next begins */
  #complete(bytes: Buffer, messages: EventMessage[]): number {
    const at = this.#fill(bytes, 0, preludeBytes);
    if (this.#size < preludeBytes) return at;
    const length = messageLength(this.#held, 0);
    const end = this.#fill(bytes, at, length);
    if (this.#size < length) return end;
    messages.push(this.#read(this.#held, 0, length));
    // Its payload is a view of it.
    this.#held = Buffer.alloc(0);
    this.#size = 0;
    return end;
  }

  #fill(bytes: Buffer, at: number, size: number): number {
    const end = Math.min(bytes.length, at + Math.max(0, size - this.#size));
    this.#hold(bytes, at, end);
    return end;
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const size = this.#size + to - from;
    if (size > this.#held.length) {
      // Doubled, so that a message that trickles in is not copied with each of its bytes.
      const larger = Buffer.allocUnsafe(Math.max(size, this.#held.length * 2, 256));
      this.#held.copy(larger, 0, 0, this.#size);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#size, from, to);
    this.#size = size;
  }

  #read(bytes: Buffer, at: number, length: number): EventMessage {
    const end = at + length - checksumBytes;
    if (crc32(bytes.subarray(at, end)) !== bytes.readUInt32BE(end)) {
      throw new EventStreamError("The checksum of a message is wrong");
    }
    const payload = at + preludeBytes + bytes.readUInt32BE(at + 4);
    return {
      labels: this.#labels.read(bytes.subarray(at + preludeBytes, payload)),
      payload: bytes.subarray(payload, end),
    };
  }
}

/** Checked as soon as it is there: a length that is wrong would be waited for. */
function messageLength(bytes: Buffer, at: number): number {
  if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) {
    throw new EventStreamError("The checksum of a message's lengths is wrong");
  }
  const length = bytes.readUInt32BE(at);
  if (length > mostAnswerBytes) throw new EventStreamError(`A message of ${length} bytes`);
  if (length < leastBytes || bytes.readUInt32BE(at + 4) > length - leastBytes) {
    throw new EventStreamError("The lengths of a message do not fit");
  }
  return length;
}

const textHeader = 7;
const bytesHeader = 6;
/** The lengths of the values that have a fixed one, by type: booleans, integers, a time, a UUID. */
const fixedLengths: Readonly<Record<number, number>> = {
  0: 0,
  1: 0,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  8: 8,
  9: 16,
};

class LabelReader {
  #bytes: Buffer = Buffer.alloc(0);
  #labels: Labels = {};

  /** @throws EventStreamError for a header that is none */
  read(bytes: Buffer): Labels {
    // Most messages of a stream are of one type, and their headers the same to the byte.
    if (bytes.length > 0 && bytes.equals(this.#bytes)) return this.#labels;
    this.#labels = readLabels(bytes);
    this.#bytes = Buffer.from(bytes);
    return this.#labels;
  }
}

function readLabels(bytes: Buffer): Labels {
  const labels: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + byteAt(bytes, at);
    const type = byteAt(bytes, nameEnd);
    const [start, end] = valueSpan(bytes, nameEnd + 1, type);
    if (end > bytes.length) throw new EventStreamError("A header is longer than all of them");
    const name = bytes.toString("latin1", at + 1, nameEnd);
    if (type === textHeader && name.startsWith(":"))
      labels[name] = bytes.toString("utf8", start, end);
    at = end;
  }
  return labels;
}

function valueSpan(bytes: Buffer, at: number, type: number): readonly [start: number, end: number] {
  if (type === textHeader || type === bytesHeader) {
    const length = byteAt(bytes, at) * 256 + byteAt(bytes, at + 1);
    return [at + 2, at + 2 + length];
  }
  const length = fixedLengths[type];
  if (length === undefined) throw new EventStreamError(`There is no header of type ${type}`);
  return [at, at + length];
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new EventStreamError("A header breaks off");
  return byte;
}
