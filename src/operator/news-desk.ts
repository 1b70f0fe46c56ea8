import type { EventNews } from "../kube/index.ts";

/** More than this waits for nothing: Events are a courtesy, and conditions say the same. */
const longestQueue = 5_000;
const writesAtOnce = 4;

/** Has Events written beside everything else, a few at once, however many come together. */
export class NewsDesk {
  readonly #record: (news: EventNews) => Promise<void>;
  #waiting: EventNews[] = [];
  #active = 0;
  #isClosed = false;

  /** @param record never rejects */
  constructor(record: (news: EventNews) => Promise<void>) {
    this.#record = record;
  }

  /** Takes news, unless too many wait already. */
  tell(news: EventNews): void {
    if (this.#isClosed || this.#waiting.length >= longestQueue) return;
    this.#waiting.push(news);
    if (this.#active < writesAtOnce) void this.#work();
  }

  /** Drops what waits. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    this.#active += 1;
    for (let news = this.#waiting.shift(); news !== undefined; news = this.#waiting.shift())
      await this.#record(news);
    this.#active -= 1;
  }
}
