import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests under way, so that a router can count them and end in good order. */
export class InFlight {
  draining = false;
  readonly #responses = new Set<ServerResponse>();
  #onEmpty: (() => void) | undefined;

  get count(): number {
    return this.#responses.size;
  }

  /** Whether a request of this connection is under way. */
  holds(socket: Socket): boolean {
    return this.#responses.values().some((response) => response.req.socket === socket);
  }

  async track(response: ServerResponse, served: Promise<void>): Promise<void> {
    this.#responses.add(response);
    try {
      await served;
    } finally {
      this.#responses.delete(response);
      if (this.#responses.size === 0) this.#onEmpty?.();
    }
  }

  /**
   * Waits until none is under way. What is left when the time is up is cut off.
   *
   * @returns how many were cut off
   */
  async drain(ms: number): Promise<number> {
    this.draining = true;
    if (await this.#emptyWithin(ms)) return 0;
    const left = this.#responses.size;
    for (const response of this.#responses) response.destroy();
    // Their pipelines still have to note how they ended.
    await this.#emptyWithin(1_000);
    return left;
  }

  #emptyWithin(ms: number): Promise<boolean> {
    if (this.#responses.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
