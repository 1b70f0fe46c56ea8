// Reads HTTP/1.1 off a connection for both ends of the bench. Node's own client and server cost about
// as much as the gateways that they would measure; these few lines leave the other core room to spare.

/** Told of each message as it comes. */
export interface MessageListener {
  /** The start line and the headers, without the empty line that ends them. */
  head(head: string): void;
  /** A part of the body, without its framing. */
  body(part: Buffer): void;
  end(): void;
}

type State = "head" | "body" | "size" | "chunk" | "chunkEnd" | "trailer";

const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");
const longestHead = 64 * 1024;

const nothing: Buffer = Buffer.alloc(0);

interface Head {
  head: string;
  /** Of the body, where the head tells it. */
  length: number;
  chunked: boolean;
}

const readHead = (head: string): Head => ({
  head,
  length: Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0),
  chunked: /\r\ntransfer-encoding: *chunked/i.test(head),
});

/**
 * Messages of one connection, one after the other, however their bytes are cut. A body is framed by its
 * length or by chunks; one that only the connection's end would end is read as empty.
 */
export class MessageReader {
  readonly #listener: MessageListener;
  #state: State = "head";
  /** Of the body or the chunk. */
  #left = 0;
  #held = nothing;
  /** Heads repeat themselves, and to compare one costs less than to read it. */
  #lastHead = nothing;
  #last: Head = { head: "", length: 0, chunked: false };

  constructor(listener: MessageListener) {
    this.#listener = listener;
  }

  /** @throws Error on what is no HTTP/1.1 */
  read(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = nothing;
    while (rest.length > 0) {
      const taken = this.#take(rest);
      if (taken === 0) {
        if (rest.length > longestHead) throw new Error("A line of HTTP does not end");
        this.#held = rest;
        return;
      }
      rest = rest.subarray(taken);
    }
  }

  /** Takes what it can of the bytes and gives their count; 0 where more must come first. */
  #take(bytes: Buffer): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(bytes);
      case "body":
      case "chunk":
        return this.#takeBody(bytes);
      case "size":
        return this.#takeSize(bytes);
      case "chunkEnd":
        return this.#takeLine(bytes, () => {
          this.#state = "size";
        });
      case "trailer":
        return this.#takeLine(bytes, (line) => {
          if (line === "") this.#end();
        });
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(headEnd);
    if (end < 0) return 0;
    if (this.#lastHead.length !== end || this.#lastHead.compare(bytes, 0, end) !== 0) {
      this.#lastHead = bytes.subarray(0, end);
      this.#last = readHead(bytes.toString("latin1", 0, end));
    }
    const { head, length, chunked } = this.#last;
    this.#listener.head(head);
    this.#left = length;
    if (chunked) this.#state = "size";
    else if (length > 0) this.#state = "body";
    else this.#end();
    return end + headEnd.length;
  }

  #takeBody(bytes: Buffer): number {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= part.length;
    this.#listener.body(part);
    if (this.#left > 0) return part.length;
    if (this.#state === "chunk") this.#state = "chunkEnd";
    else this.#end();
    return part.length;
  }

  #takeSize(bytes: Buffer): number {
    return this.#takeLine(bytes, (line) => {
      if (!/^[0-9a-f]+(?:;|$)/i.test(line)) throw new Error("A chunk begins without its size");
      this.#left = Number.parseInt(line, 16);
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    });
  }

  #takeLine(bytes: Buffer, act: (line: string) => void): number {
    const end = bytes.indexOf(lineEnd);
    if (end < 0) return 0;
    act(bytes.toString("latin1", 0, end));
    return end + lineEnd.length;
  }

  #end(): void {
    this.#state = "head";
    this.#listener.end();
  }
}
