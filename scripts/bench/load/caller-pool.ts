import { setTimeout as sleep } from "node:timers/promises";
import { Caller, type Target } from "./exchange.ts";
import type { Tally } from "./tally.ts";

/** More requests under way than this mean that the gateway does not keep up by far. */
const mostUnderWay = 1_000;

const longestAnswerMs = 30_000;

/** As many callers as are asked for at a time. */
export class CallerPool {
  readonly #target: Target;
  readonly #tally: Tally;
  readonly #idle: Caller[] = [];
  #underWay = 0;

  constructor(target: Target, tally: Tally) {
    this.#target = target;
    this.#tally = tally;
  }

  send(): void {
    if (this.#underWay === mostUnderWay) {
      this.#tally.add(new Error(`${mostUnderWay} requests were under way`));
      return;
    }
    const caller = this.#idle.pop() ?? new Caller(this.#target);
    this.#underWay += 1;
    caller.send((outcome) => {
      this.#tally.add(outcome);
      this.#underWay -= 1;
      this.#idle.push(caller);
    });
  }

  /** Waits for the last answers, and closes the connections. */
  async drain(): Promise<void> {
    const giveUpAt = performance.now() + longestAnswerMs;
    while (this.#underWay > 0 && performance.now() < giveUpAt) await sleep(1);
    if (this.#underWay > 0)
      this.#tally.add(new Error(`${this.#underWay} requests were not answered`));
    for (const caller of this.#idle) caller.close();
  }
}
