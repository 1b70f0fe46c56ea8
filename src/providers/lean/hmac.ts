import { hash } from "node:crypto";

const blockBytes = 64;
const digestBytes = 32;

/**
 * HMAC-SHA256 with one key, after RFC 2104: a hash of the padded key and another hash. Node's own is an
 * object for each text, which takes twice the time and leaves memory outside the heap to be collected.
 */
export class HmacSha256 {
  /** The padded key, then the text; as long as the text was that came last. */
  #inner: Buffer;
  readonly #outer: Buffer;

  /** @param key of no more than 64 bytes */
  constructor(key: Buffer) {
    if (key.length > blockBytes) throw new RangeError("A key of more than a block");
    this.#inner = Buffer.alloc(blockBytes, 0x36);
    this.#outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = byte ^ 0x36;
      this.#outer[at] = byte ^ 0x5c;
    }
  }

  /** @param text of ASCII alone */
  hex(text: string): string {
    // All that a signer signs is of one length.
    if (this.#inner.length !== blockBytes + text.length) {
      const longer = Buffer.alloc(blockBytes + text.length);
      this.#inner.copy(longer, 0, 0, blockBytes);
      this.#inner = longer;
    }
    this.#inner.write(text, blockBytes, "latin1");
    this.#outer.write(hash("sha256", this.#inner, "latin1"), blockBytes, "latin1");
    return hash("sha256", this.#outer, "hex");
  }
}
