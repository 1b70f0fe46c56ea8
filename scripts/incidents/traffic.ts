import { Agent } from "node:http";
import { goldenPrompts } from "../../src/simulators/index.ts";
import { ask, type Seen } from "./ask.ts";
import { keys, type Route, type Tenant } from "./world.ts";

interface Flow {
  route: Route;
  tenant: Tenant;
  perSecond: number;
  stream: boolean;
  maxTokens: number;
  prompts: readonly string[];
}

const chats = [
  "Write a short welcome for new members of our forum",
  "Explain what a budget is to a child of ten",
  "Draft an answer to a customer whose parcel is late",
  "Name three ways to make meetings shorter",
  "Summarise why backups matter in two sentences",
];

/** Easy enough for the small model: it agrees with the large one nearly always while it is well. */
const questions = goldenPrompts(8, 6_000)
  .filter(({ difficulty }) => difficulty < 0.2)
  .map(({ prompt }) => prompt);

const longestBurstMs = 120_000;
/** Of a burst, at each router. */
const atOnce = 4;

/** Twelve requests a second, day and night. */
const flows: readonly Flow[] = [
  {
    route: "assistant",
    tenant: "web-team",
    perSecond: 4,
    stream: true,
    maxTokens: 40,
    prompts: chats,
  },
  {
    route: "support",
    tenant: "support-team",
    perSecond: 3,
    stream: false,
    maxTokens: 60,
    prompts: chats,
  },
  {
    route: "reports",
    tenant: "reports-team",
    perSecond: 2,
    stream: false,
    maxTokens: 60,
    prompts: chats,
  },
  {
    route: "answers",
    tenant: "web-team",
    perSecond: 3,
    stream: false,
    maxTokens: 40,
    prompts: questions,
  },
];

/** Applications that ask steadily, whatever becomes of it, one router after the other. */
export class Traffic {
  readonly seen: Seen[] = [];
  readonly #urls: readonly string[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #open = new Set<Promise<void>>();

  constructor(urls: readonly string[]) {
    this.#urls = urls;
    for (const flow of flows) this.#timers.push(this.#begin(flow));
  }

  /** What was asked of a route from a time until another, in milliseconds since the epoch. */
  between(route: Route, from: number, to: number): Seen[] {
    return this.seen.filter((each) => each.route === route && each.at >= from && each.at < to);
  }

  /**
   * One tenant's burst, of prompts so long, a few at a time and until it is to end.
   *
   * @throws Error where it goes on and on
   */
  async burst(tenant: Tenant, route: Route, words: number, isOver: () => Promise<boolean>) {
    const prompt = `Summarise: ${"word ".repeat(words)}`;
    const order = { route, key: keys[tenant], prompt, stream: false, maxTokens: 20 };
    const giveUpAt = Date.now() + longestBurstMs;
    while (!(await isOver())) {
      const some = this.#urls.flatMap((url) => Array.from({ length: atOnce }, () => url));
      const answered = await Promise.all(some.map((url) => ask(url, order, this.#agent)));
      const problem = answered.find((each) => each.problem !== undefined)?.problem;
      if (Date.now() > giveUpAt) throw new Error(`The burst did not end; ${problem ?? "all well"}`);
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  #begin({ route, tenant, perSecond, stream, maxTokens, prompts }: Flow): NodeJS.Timeout {
    let sent = 0;
    return setInterval(() => {
      const prompt = prompts[sent % prompts.length] ?? "";
      const url = this.#urls[sent % this.#urls.length] ?? "";
      sent += 1;
      const asked = ask(url, { route, key: keys[tenant], prompt, stream, maxTokens }, this.#agent)
        .then((seen) => void this.seen.push(seen))
        .finally(() => this.#open.delete(asked));
      this.#open.add(asked);
    }, 1_000 / perSecond);
  }
}
