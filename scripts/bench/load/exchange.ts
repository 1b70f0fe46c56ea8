// One connection to a gateway, and on it one request after the other, timed.
import { connect, type Socket } from "node:net";
import { MessageReader } from "../http/message-reader.ts";

/** Where requests go: each is these same bytes. */
export interface Target {
  host: string;
  port: number;
  request: Buffer;
}

/** How one request went, in milliseconds since it was sent. */
export interface Timed {
  firstByteMs: number;
  totalMs: number;
  /** Between the parts of the body; those that came in one read count as one. */
  gapsMs: readonly number[];
}

type Settle = (outcome: Timed | Error) => void;

/** Keeps its connection where the gateway does, and opens another where not. */
export class Caller {
  readonly #target: Target;
  #socket: Socket | undefined;
  #settle: Settle | undefined;
  #status = "";
  #sentAt = 0;
  #lastPartAt = 0;
  #firstByteMs = 0;
  #gaps: number[] = [];
  /** The read that is being taken apart: all that it holds came at one time. */
  #readAt = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Sends the request; another must not be under way. `settle` is told once. */
  send(settle: Settle): void {
    this.#settle = settle;
    this.#gaps = [];
    this.#firstByteMs = 0;
    const socket = this.#socket ?? this.#open();
    this.#sentAt = performance.now();
    socket.write(this.#target.request);
  }

  close(): void {
    this.#settle = undefined;
    this.#socket?.destroy();
  }

  #open(): Socket {
    const { host, port } = this.#target;
    const socket = connect({ host, port, noDelay: true });
    const reader = new MessageReader({
      head: (head) => {
        this.#status = head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
      },
      body: () => this.#takePart(),
      end: () => this.#end(),
    });
    socket.on("data", (chunk: Buffer) => {
      this.#readAt = performance.now();
      try {
        reader.read(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    let problem: Error | undefined;
    socket.on("error", (error) => {
      problem = error;
    });
    socket.on("close", () => {
      this.#socket = undefined;
      this.#finish(problem ?? new Error("The gateway closed the connection in mid-answer"));
    });
    this.#socket = socket;
    return socket;
  }

  #takePart(): void {
    if (this.#firstByteMs === 0) this.#firstByteMs = this.#readAt - this.#sentAt;
    else if (this.#readAt !== this.#lastPartAt) this.#gaps.push(this.#readAt - this.#lastPartAt);
    this.#lastPartAt = this.#readAt;
  }

  #end(): void {
    if (this.#status !== "200") return this.#finish(new Error(`Status ${this.#status}`));
    const totalMs = this.#readAt - this.#sentAt;
    this.#finish({ firstByteMs: this.#firstByteMs, totalMs, gapsMs: this.#gaps });
  }

  #finish(outcome: Timed | Error): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
