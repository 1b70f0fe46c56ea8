import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const lastWordsMs = 1_000;

/** The requests under way, so that a router can count them and end in good order. */
export class InFlight {
  draining = false;
  /** With what ends each before its time. */
  readonly #responses = new Map<ServerResponse, () => void>();
  #onEmpty: (() => void) | undefined;

  get count(): number {
    return this.#responses.size;
  }

  /** Whether a request of this connection is under way. */
  holds(socket: Socket): boolean {
    return this.#responses.keys().some((response) => response.req.socket === socket);
  }

  /** @param cutOff makes an end of it, in words if there is still somebody to hear them */
  async track(
    response: ServerResponse,
    served: Promise<void>,
    cutOff: () => void = () => response.destroy(),
  ): Promise<void> {
    this.#responses.set(response, cutOff);
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
    for (const cutOff of this.#responses.values()) cutOff();
    // Their pipelines still have to tell the client and note how they ended.
    if (await this.#emptyWithin(lastWordsMs)) return left;
    for (const response of this.#responses.keys()) response.destroy();
    await this.#emptyWithin(lastWordsMs);
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
