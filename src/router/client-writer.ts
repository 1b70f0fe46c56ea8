import type { ServerResponse } from "node:http";
import { ClientGone } from "./client-gone.ts";

/** Writes one response, counting its bytes and never holding more than the client takes. */
export class ClientWriter {
  bytesOut = 0;
  /** Whether the client has once been slower than we are. */
  wasWaitedFor = false;
  readonly #response: ServerResponse;
  readonly #stallMs: number;

  /** @param stallMs a client that takes nothing for so long counts as gone */
  constructor(response: ServerResponse, stallMs: number) {
    this.#response = response;
    this.#stallMs = stallMs;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#response.writeHead(status, headers);
  }

  /**
   * Writes at once. Where the client is slower than we are, the promise returned must be waited for
   * before the next write; mostly there is none, which spares each frame a turn of the event loop.
   *
   * @throws ClientGone, or rejects with it
   */
  write(text: string): Promise<void> | undefined {
    if (text === "") return undefined;
    if (this.#response.destroyed) throw new ClientGone();
    if (this.#response.write(text, this.#count(text))) return undefined;
    this.wasWaitedFor = true;
    return this.#drained();
  }

  /** Ends the response. Its bytes may still be on their way: as long as the client takes some, it has time. */
  end(text = ""): void {
    const response = this.#response;
    response.end(text, this.#count(text));
    // Mostly the system takes it all at once, and a timer for nothing costs more than the count.
    if (response.writableLength === 0) return;
    // Of the socket, which starts over with every byte taken. The close that follows ends the request.
    response.setTimeout(this.#stallMs, () => response.destroy());
  }

  /** Ends the response with nothing more, whatever has been sent: the client must not take it for whole. */
  cut(): void {
    this.#response.destroy();
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  /** @returns the encoding to write it in: ASCII alone is copied, where UTF-8 is made mark by mark */
  #count(text: string): "latin1" | "utf8" {
    const bytes = Buffer.byteLength(text);
    this.bytesOut += bytes;
    return bytes === text.length ? "latin1" : "utf8";
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => () => {
        clearTimeout(timer);
        response.off("drain", onDrain);
        response.off("close", onClose);
        act();
      };
      const onDrain = settle(resolve);
      const onClose = settle(() => reject(new ClientGone()));
      const timer = setTimeout(() => {
        // The close that follows aborts what is under way upstream.
        response.destroy();
      }, this.#stallMs);
      response.once("drain", onDrain);
      response.once("close", onClose);
    });
  }
}
