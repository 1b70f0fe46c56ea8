import { Caller, type Target } from "./exchange.ts";
import type { Loaded } from "./job.ts";
import { Tally } from "./tally.ts";

/** Gateways that answer slower than this have failed. */
const longestAnswerMs = 30_000;

/** Against a gateway that refuses everything at once. */
const mostFailures = 1_000;

/** What every caller must have been answered on average before the time may end, lest slow gateways seem to answer nothing. */
const leastAnswers = 3;

/** Added to the time at most, for that. */
const longestExtraMs = 10_000;

/** So many callers, each with one request after the other, for this time. */
export async function closedLoop(target: Target, width: number, seconds: number): Promise<Loaded> {
  return new ClosedLoop(target, width, seconds).run();
}

class ClosedLoop {
  readonly #tally = new Tally();
  readonly #callers: readonly Caller[];
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  /** When the time did end; what is answered later does not count. */
  #endedAt: number | undefined;
  #underWay = 0;
  #allSettled: () => void = () => undefined;

  constructor(target: Target, width: number, seconds: number) {
    this.#callers = Array.from({ length: width }, () => new Caller(target));
    this.#endsAt = this.#startedAt + seconds * 1_000;
  }

  async run(): Promise<Loaded> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#allSettled = resolve;
    for (const caller of this.#callers) this.#ask(caller);
    const bound = this.#endsAt + longestExtraMs + longestAnswerMs - performance.now();
    const timer = setTimeout(resolve, bound);
    await promise;
    clearTimeout(timer);
    if (this.#underWay > 0)
      this.#tally.add(new Error(`${this.#underWay} requests were not answered`));
    for (const caller of this.#callers) caller.close();
    const endedAt = this.#endedAt ?? performance.now();
    return this.#tally.over((endedAt - this.#startedAt) / 1_000);
  }

  #ask(caller: Caller): void {
    this.#underWay += 1;
    caller.send((outcome) => {
      this.#underWay -= 1;
      this.#judgeTime();
      if (this.#endedAt === undefined || outcome instanceof Error) this.#tally.add(outcome);
      else this.#tally.addLate();
      if (this.#endedAt === undefined) this.#ask(caller);
      else if (this.#underWay === 0) this.#allSettled();
    });
  }

  #judgeTime(): void {
    const now = performance.now();
    if (this.#tally.failures >= mostFailures) this.#endedAt ??= now;
    if (this.#endedAt !== undefined || now < this.#endsAt) return;
    const enough = this.#tally.settled >= leastAnswers * this.#callers.length;
    if (enough || now > this.#endsAt + longestExtraMs) this.#endedAt = now;
  }
}
