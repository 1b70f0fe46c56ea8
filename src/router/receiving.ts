import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ApiError } from "../openai/index.ts";

/** Answers a request whose body has not come in whole, and never will. */
type Refuse = (fault: ApiError) => void;

/**
 * The requests whose bodies are still coming in, by their sockets: what befalls a socket then is the
 * end of that request, and leaves a record like every other.
 */
export class Receiving {
  readonly #bySocket = new WeakMap<Socket, { request: IncomingMessage; refuse: Refuse }>();

  begin(request: IncomingMessage, refuse: Refuse): void {
    this.#bySocket.set(request.socket, { request, refuse });
  }

  /**
   * A pipeline's next request may have begun before: that one stays.
   *
   * @returns whether the request's body was still coming in, as far as anybody had said
   */
  end(request: IncomingMessage): boolean {
    const held = this.#bySocket.get(request.socket);
    return held?.request === request && this.#bySocket.delete(request.socket);
  }

  /** @returns whether there was a request to refuse */
  refuse(socket: Socket, fault: ApiError): boolean {
    const held = this.#bySocket.get(socket);
    if (held === undefined) return false;
    this.#bySocket.delete(socket);
    held.refuse(fault);
    return true;
  }
}
