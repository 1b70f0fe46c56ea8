import type { ServerResponse } from "node:http";

/** A watch as the server sees it. */
export class HostileWatch {
  readonly #response: ServerResponse;
  readonly #chunkBytes: number;

  constructor(response: ServerResponse, chunkBytes: number) {
    this.#response = response;
    this.#chunkBytes = chunkBytes;
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
  }

  send({ type, object }: { type: string; object: object }): void {
    this.say(`${JSON.stringify({ type, object })}\n`);
  }

  /** Sends a bookmark. */
  mark(version: number, { isEndOfListing = false } = {}): void {
    const annotations = { "k8s.io/initial-events-end": "true" };
    const metadata = {
      resourceVersion: String(version),
      ...(isEndOfListing ? { annotations } : {}),
    };
    this.send({ type: "BOOKMARK", object: { metadata } });
  }

  /** Sends any text, in pieces that may cut characters in two. */
  say(words: string): void {
    if (this.#response.writableEnded) return;
    const bytes = Buffer.from(words);
    for (let start = 0; start < bytes.length; start += this.#chunkBytes)
      this.#response.write(bytes.subarray(start, start + this.#chunkBytes));
  }

  /** Ends it as a server does whose time is up. */
  end(): void {
    this.#response.end();
  }

  endWithGone(): void {
    this.send({ type: "ERROR", object: { kind: "Status", code: 410, message: "too old" } });
    this.end();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }
}
