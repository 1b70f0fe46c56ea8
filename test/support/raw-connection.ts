import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Local } from "./start-local.ts";

const longestWaitMs = 20_000;

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  requestId: string | undefined;
}

/** A TCP connection to the router, for what no HTTP client would do. */
export class RawConnection {
  readonly socket: Socket;
  /** All that came, but for the answers that were taken. */
  received = "";
  closed = false;
  /** Of the socket, where it ended by one. */
  failure: NodeJS.ErrnoException | undefined;
  #lookedAt = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.#wake();
    });
    socket.on("error", (error) => (this.failure = error));
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open({ url }: Pick<Local, "url">): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Leaves without a word. */
  leave(): void {
    this.socket.destroy();
  }

  /** Waits until `look` gives something; undefined means to wait for more. */
  async until<T>(look: () => T | undefined, what = "it"): Promise<T> {
    const deadline = Date.now() + longestWaitMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`The connection closed before ${what}: ${this.received}`);
      await this.#change(deadline, what);
    }
  }

  #change(deadline: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Waited too long for ${what}; got: ${this.received.slice(-2_000)}`)),
        deadline - Date.now(),
      );
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async contains(part: string): Promise<void> {
    await this.until(() => (this.received.includes(part) ? true : undefined), part);
  }

  async end(): Promise<void> {
    while (!this.closed) await this.#change(Date.now() + longestWaitMs, "the end");
  }

  /** Takes the next answer off what came. */
  async answer(): Promise<RawAnswer> {
    return this.until(() => this.#takeAnswer(), "an answer");
  }

  #takeAnswer(): RawAnswer | undefined {
    const end = this.received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [line = "", ...lines] = this.received.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((each) => {
        const colon = each.indexOf(":");
        return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()];
      }),
    );
    const rest = this.received.slice(end + 4);
    const body = this.#bodyOf(headers, rest);
    if (body === undefined) return undefined;
    this.received = rest.slice(body.length);
    const text = Buffer.from(body.text, "latin1").toString("utf8");
    const status = Number(line.split(" ")[1]);
    return { status, headers, text, requestId: headers["x-switchyard-request-id"] };
  }

  /** Long answers come in many pieces: what was looked at is not looked at again. */
  #holdsLastChunk(): boolean {
    const found = this.received.indexOf("0\r\n\r\n", Math.max(0, this.#lookedAt - 5));
    this.#lookedAt = found < 0 ? this.received.length : 0;
    return found >= 0;
  }

  /** `length` is what the body takes on the wire. */
  #bodyOf(
    headers: Record<string, string>,
    rest: string,
  ): { text: string; length: number } | undefined {
    if (headers["transfer-encoding"] === "chunked") {
      if (!this.#holdsLastChunk()) return undefined;
      return dechunk(rest);
    }
    if (headers["content-length"] === undefined) {
      return this.closed ? { text: rest, length: rest.length } : undefined;
    }
    const length = Number(headers["content-length"]);
    return rest.length < length ? undefined : { text: rest.slice(0, length), length };
  }
}

/** Undefined where the last chunk has not come. */
function dechunk(wire: string): { text: string; length: number } | undefined {
  let text = "";
  let at = 0;
  for (;;) {
    const lineEnd = wire.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(wire.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error(`No chunk begins with ${wire.slice(at, at + 40)}`);
    if (next > wire.length) return undefined;
    text += wire.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
    if (size === 0) return { text, length: at };
  }
}

/** A request as bytes. An object is sent as JSON, with its length unless the headers speak of chunks. */
export function rawRequest(
  body: unknown,
  { path = "/v1/chat/completions", version = "1.1", headers = {} as Record<string, string> } = {},
): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const all: Record<string, string> = {
    host: "router",
    "content-type": "application/json",
    ...("transfer-encoding" in headers
      ? {}
      : { "content-length": String(Buffer.byteLength(text)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/${version}\r\n${lines.join("")}\r\n${text}`;
}

/** The body of a chat with one message. */
export const chatOf = (model: string, content: string, more = {}): object => ({
  model,
  messages: [{ role: "user", content }],
  ...more,
});
