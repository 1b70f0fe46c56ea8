import type { IncomingMessage } from "node:http";

/** The bytes of request bodies that are in memory: those still coming in, and those of requests under way. */
export class HeldBytes {
  readonly #of = new Map<IncomingMessage, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Counts what comes in from here on. `onChunk` is told of each piece, after it has been counted. */
  follow(request: IncomingMessage, onChunk: () => void): void {
    this.#of.set(request, 0);
    request.on("data", (chunk: Buffer | string) => {
      const before = this.#of.get(request);
      // What comes in after it was refused is held by nobody.
      if (before === undefined) return;
      this.#of.set(request, before + chunk.length);
      this.#total += chunk.length;
      onChunk();
    });
  }

  /** The request has ended, and its body with it. */
  release(request: IncomingMessage): void {
    this.#total -= this.#of.get(request) ?? 0;
    this.#of.delete(request);
  }
}
