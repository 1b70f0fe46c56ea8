import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Text that is compressed at once: little enough to wait as it is, and enough to compress well. */
const memberUnits = 256 * 1024;

/** Lines that become one object: compressed as they come, since they may wait for minutes. */
export class ObjectBatch {
  records = 0;
  /** Bytes of what is compressed. */
  bytes = 0;
  #lines: string[] = [];
  /** UTF-16 units of these lines, which for the records' ASCII are bytes. */
  #units = 0;
  readonly #members: Buffer[] = [];
  #compressing: Promise<void> = Promise.resolve();
  readonly #onHeld: (change: number) => void;

  /** `FOLDER/HH` of all its records. */
  readonly partition: string;
  /** By the clock's `elapsed`. */
  readonly beganAt: number;

  /** @param onHeld told by how much the memory that it holds has changed */
  constructor(partition: string, beganAt: number, onHeld: (change: number) => void) {
    this.partition = partition;
    this.beganAt = beganAt;
    this.#onHeld = onHeld;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#units += line.length;
    this.records += 1;
    this.#onHeld(line.length);
    if (this.#units >= memberUnits) this.#compress();
  }

  /** Everything as one file of gzip members, in the order of its lines. Nothing may be added any more. @throws Error of zlib */
  async whole(): Promise<Buffer> {
    if (this.#lines.length > 0) this.#compress();
    await this.#compressing;
    return Buffer.concat(this.#members);
  }

  /** Lets go of all memory. */
  release(): void {
    this.#onHeld(-this.bytes - this.#units);
    this.#members.length = 0;
  }

  #compress(): void {
    const text = `${this.#lines.join("\n")}\n`;
    const units = this.#units;
    this.#lines = [];
    this.#units = 0;
    this.#compressing = this.#compressing.then(async () => {
      const member = await compress(text);
      this.#members.push(member);
      this.bytes += member.length;
      this.#onHeld(member.length - units);
    });
    // It is told when the whole is asked for; until then nobody listens.
    this.#compressing.catch(() => undefined);
  }
}
