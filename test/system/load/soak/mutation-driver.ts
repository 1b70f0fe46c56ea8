import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../../src/lib/index.ts";
import { nextMutated, type Mutated } from "./mutate.ts";

export interface DriverOptions {
  url: string;
  /** Requests to send over all lanes. */
  requests: number;
  /** How many connections there are at a time. */
  lanes: number;
  seed: number;
  /** No request begins after it has aborted. */
  signal: AbortSignal;
}

/** What came of the requests. */
export interface Driven {
  sent: number;
  /** How often each kind was sent. */
  kinds: Record<string, number>;
  /** How often each status was answered. Who spoils a request may be answered less often than it asked, or more often. */
  statuses: Record<string, number>;
  connections: number;
}

/** Half of a request has no answer, and waits for its other half in vain. */
const patienceMs = 40;

/** Beside a router that answers nothing at all. */
const longestSilenceMs = 30_000;

/** Sends requests that nobody should send, on raw sockets, each lane one after the other. */
export async function sendMutated(options: DriverOptions): Promise<Driven> {
  const driven: Driven = { sent: 0, kinds: {}, statuses: {}, connections: 0 };
  const lanes = Array.from({ length: options.lanes }, async (_, lane) =>
    new Lane(lane, options, driven).run(),
  );
  await Promise.all(lanes);
  return driven;
}

class Lane {
  readonly #options: DriverOptions;
  readonly #driven: Driven;
  readonly #random: () => number;
  readonly #localAddress: string;
  #socket: Socket | undefined;
  #answers = 0;
  #wake: () => void = () => undefined;

  constructor(lane: number, options: DriverOptions, driven: Driven) {
    this.#options = options;
    this.#driven = driven;
    this.#random = seededRandom(options.seed + lane);
    // Closed connections keep their ports for a minute: each lane has an address's worth of them.
    this.#localAddress = `127.0.1.${lane + 1}`;
  }

  async run(): Promise<void> {
    const { requests, signal } = this.#options;
    while (this.#driven.sent < requests && !signal.aborted) {
      const mutated = nextMutated(this.#random);
      this.#count(mutated);
      await this.#send(mutated);
    }
    this.#socket?.destroy();
  }

  #count({ kind, requests }: Mutated): void {
    this.#driven.sent += requests;
    this.#driven.kinds[kind] = (this.#driven.kinds[kind] ?? 0) + requests;
  }

  async #send({ bytes, requests }: Mutated): Promise<void> {
    const socket = await this.#connected();
    this.#answers = 0;
    socket.write(bytes);
    const silentAt = performance.now() + longestSilenceMs;
    while (this.#answers < requests && this.#socket === socket) {
      const before = this.#answers;
      const isLate = await this.#changes();
      if (!isLate || this.#answers > before) continue;
      // A pipeline that works on is waited for; what is broken is not.
      if (requests === 1 || performance.now() > silentAt || this.#answers > 0) break;
    }
    if (this.#answers < requests) this.#leave(socket);
  }

  /** @returns whether nothing came for a while */
  async #changes(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, patienceMs, true);
    this.#wake = () => resolve(false);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** By a reset mostly; some say goodbye, and some leave their half open. */
  #leave(socket: Socket): void {
    if (this.#socket === socket) this.#socket = undefined;
    const manner = this.#random();
    if (manner < 0.05) socket.end();
    else if (manner < 0.1) socket.destroy();
    else socket.resetAndDestroy();
  }

  async #connected(): Promise<Socket> {
    for (;;) {
      const socket = this.#socket ?? (await this.#open());
      if (socket !== undefined) return socket;
      if (this.#options.signal.aborted) throw new Error("No connection could be made");
      await sleep(10);
    }
  }

  /** Undefined where there is no connection to be had at the moment. */
  #open(): Promise<Socket | undefined> {
    const { hostname: host, port } = new URL(this.#options.url);
    const localAddress = this.#localAddress;
    const socket = connect({ host, port: Number(port), localAddress, noDelay: true });
    socket.setEncoding("latin1");
    const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
    socket.once("connect", () => {
      this.#driven.connections += 1;
      this.#socket = socket;
      resolve(socket);
    });
    socket.on("data", (part) => this.#take(String(part)));
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#wake();
    });
    return promise;
  }

  #take(part: string): void {
    const { statuses } = this.#driven;
    for (const [, status = ""] of part.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      this.#answers += 1;
    }
    this.#wake();
  }
}
