import type { CallRecord } from "../../../../src/simulators/index.ts";
import type { RequestRecord } from "../../../../src/records/index.ts";
import { Caller, type Target, type Timed } from "../../../../scripts/bench/load/exchange.ts";
import { rawRequest } from "../../../support/raw-connection.ts";
import { startLocal, type Local } from "../../../support/start-local.ts";
import { lateCalls, question, resourcesOf } from "./that-week.ts";

export interface SetupOptions {
  scale: number;
  /** Absent: no call is late. Real milliseconds. */
  lateByMs?: number;
  /** Whether the route hedges, and gives up attempts that are unusually slow. */
  isProtected: boolean;
}

/** What came of a set-up's requests. */
export interface Outcome {
  /** From sending to the first byte of the answer, in milliseconds. */
  firstBytesMs: readonly number[];
  /** What clients saw go wrong. */
  failures: readonly Error[];
  records: readonly RequestRecord[];
  calls: readonly CallRecord[];
}

const longestAnswerMs = 60_000;

/** A router, its simulators, and clients over loopback who ask one question again and again. */
export class Setup {
  readonly #local: Local;
  readonly #target: Target;
  readonly #idle: Caller[] = [];
  readonly #answered: (Timed | Error)[] = [];
  #sent = 0;

  private constructor(local: Local) {
    this.#local = local;
    const { hostname: host, port } = new URL(local.url);
    this.#target = { host, port: Number(port), request: Buffer.from(rawRequest(question)) };
  }

  static async open({ scale, lateByMs, isProtected }: SetupOptions): Promise<Setup> {
    const local = await startLocal({
      speed: scale,
      resources: resourcesOf(isProtected, scale),
      settings: { requestTimeoutMs: longestAnswerMs },
    });
    if (lateByMs !== undefined) local.simulator.faults.set(lateCalls(lateByMs));
    return new Setup(local);
  }

  /**
   * Sends so many requests, evenly and whatever becomes of them, and waits for the answers.
   *
   * @throws where one does not come within a minute
   */
  async ask(count: number, perSecond: number): Promise<void> {
    const startedAt = performance.now();
    const until = this.#sent + count;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (): void => {
      if (this.#answered.length === until) resolve();
    };
    for (let index = 0; index < count; index += 1) {
      const dueInMs = startedAt + (index * 1_000) / perSecond - performance.now();
      setTimeout(() => this.#send(settle), Math.max(0, dueInMs));
    }
    this.#sent = until;
    const lastMs = (count * 1_000) / perSecond + longestAnswerMs;
    const timer = setTimeout(() => reject(new Error("A request was not answered")), lastMs);
    await promise.finally(() => clearTimeout(timer));
  }

  #send(settle: () => void): void {
    const caller = this.#idle.pop() ?? new Caller(this.#target);
    caller.send((outcome) => {
      this.#answered.push(outcome);
      this.#idle.push(caller);
      settle();
    });
  }

  /** What has become of all requests so far, once each has left its record. */
  async outcome(): Promise<Outcome> {
    const records = await this.#local.records.where(() => true, "all requests", this.#sent);
    const failures: Error[] = [];
    const firstBytesMs: number[] = [];
    for (const each of this.#answered) {
      if (each instanceof Error) failures.push(each);
      else firstBytesMs.push(each.firstByteMs);
    }
    return { firstBytesMs, failures, records, calls: this.#local.simulator.calls() };
  }

  async close(): Promise<void> {
    for (const caller of this.#idle) caller.close();
    await this.#local.stop();
  }
}
