import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const lastWordsMs = 1_000;

interface Entry {
  response: ServerResponse;
  /** Ends it before its time. */
  cutOff: () => void;
  /** Its index, so that it is found without a search. */
  place: number;
}

/** The requests under way, so that a router can count them and end in good order. */
export class InFlight {
  draining = false;
  // No Map or Set: those leave their tables behind as they are filled anew, each naming the next and
  // the requests of its time, so that once one is old the garbage collector keeps them all for long.
  readonly #entries: Entry[] = [];
  #onEmpty: (() => void) | undefined;

  get count(): number {
    return this.#entries.length;
  }

  /** Whether a request of this connection is under way. */
  holds(socket: Socket): boolean {
    return this.#entries.some(({ response }) => response.req.socket === socket);
  }

  /** @returns to be called once, when the request has ended */
  enter(response: ServerResponse, cutOff: () => void = () => response.destroy()): () => void {
    const entry: Entry = { response, cutOff, place: this.#entries.length };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  #remove(entry: Entry): void {
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[entry.place] = last;
      last.place = entry.place;
    }
    if (this.#entries.length === 0) this.#onEmpty?.();
  }

  /**
   * Waits until none is under way. What is left when the time is up is cut off.
   *
   * @returns how many were cut off
   */
  async drain(ms: number): Promise<number> {
    this.draining = true;
    if (await this.#emptyWithin(ms)) return 0;
    const left = this.#entries.length;
    for (const { cutOff } of this.#entries) cutOff();
    // Their pipelines still have to tell the client and note how they ended.
    if (await this.#emptyWithin(lastWordsMs)) return left;
    for (const { response } of this.#entries) response.destroy();
    await this.#emptyWithin(lastWordsMs);
    return left;
  }

  #emptyWithin(ms: number): Promise<boolean> {
    if (this.#entries.length === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
