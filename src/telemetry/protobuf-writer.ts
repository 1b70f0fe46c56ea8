const continues = 0x80;
const low32 = 2 ** 32;

/** The bytes that the whole number takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let left = value; left >= continues; left = Math.floor(left / continues)) size += 1;
  return size;
}

/** How many bytes of UTF-8 the text takes. Nearly all are short ASCII, which a loop tells soonest. */
export function utf8Size(text: string): number {
  if (text.length > 64) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) >= continues) return Buffer.byteLength(text);
  }
  return text.length;
}

/** The length of a field that holds so many bytes, with its one-byte tag and its length. */
export const fieldSize = (bytes: number): number => 1 + varintSize(bytes) + bytes;

/**
 * Appends protobuf to one growing buffer, which is kept from message to message. A tag is a byte: the
 * number of a field up to 15, times eight, and its wire type.
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param room bytes to begin with */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
  }

  /** How many bytes were written since the writer last started over. */
  get length(): number {
    return this.#length;
  }

  /** A copy of what was written from there on. */
  since(start: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start, this.#length));
  }

  /** A copy of what was written; the writer starts over. */
  take(): Buffer {
    const taken = this.since(0);
    this.#length = 0;
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** @param value whole and not negative */
  varint(value: number): void {
    this.#reserve(10);
    if (value < continues) {
      this.#bytes[this.#length++] = value;
      return;
    }
    const bytes = this.#bytes;
    let left = value;
    // Beyond 31 bits the operators on bits would lose the upper ones.
    while (left >= 2 ** 31) {
      bytes[this.#length++] = (left % continues) | continues;
      left = Math.floor(left / continues);
    }
    while (left >= continues) {
      bytes[this.#length++] = (left & 0x7f) | continues;
      left >>>= 7;
    }
    bytes[this.#length++] = left;
  }

  raw(given: Uint8Array): void {
    this.#reserve(given.length);
    this.#bytes.set(given, this.#length);
    this.#length += given.length;
  }

  /** @param size its `utf8Size` */
  utf8(text: string, size: number): void {
    this.#reserve(size);
    // Writing as Latin-1 is a plain copy, and the same where each character is one byte.
    if (size === text.length) this.#bytes.write(text, this.#length, size, "latin1");
    else this.#bytes.write(text, this.#length, size, "utf8");
    this.#length += size;
  }

  /** A field that holds a text. */
  text(tag: number, text: string): void {
    const size = utf8Size(text);
    this.byte(tag);
    this.varint(size);
    this.utf8(text, size);
  }

  /** Bytes that are given as hex digits, an even number of them. */
  hex(digits: string): void {
    const size = digits.length / 2;
    this.#reserve(size);
    this.#bytes.write(digits, this.#length, size, "hex");
    this.#length += size;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** @param value whole and not negative; above 2^53 only what a double can hold */
  fixed64(value: number): void {
    this.#reserve(8);
    const high = Math.floor(value / low32);
    this.#length = this.#bytes.writeUInt32LE(value - high * low32, this.#length);
    this.#length = this.#bytes.writeUInt32LE(high, this.#length);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  /**
   * A message whose size is known only once it is written. Two bytes are kept for it, as most that
   * are measured so need; where it takes another number of them, the message is moved.
   */
  message(tag: number, write: () => void): void {
    this.byte(tag);
    this.#reserve(2);
    const start = this.#length + 2;
    this.#length = start;
    write();
    const size = this.#length - start;
    const moved = varintSize(size) - 2;
    if (moved !== 0) {
      this.#reserve(Math.max(0, moved));
      this.#bytes.copyWithin(start + moved, start, start + size);
    }
    this.#length = start - 2;
    this.varint(size);
    this.#length += size;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
