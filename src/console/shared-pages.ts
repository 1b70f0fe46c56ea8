import type { Clock } from "../lib/index.ts";

/** Nobody sees that a page is as old as this. */
const keepMs = 250;
/** Addresses that differ, as those of different requests to explain. */
const mostPages = 16;

/** Makes a page once for all who ask for it at a time: it is made of the time that requests are served in. */
export class SharedPages {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { at: number; page: Promise<string> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param make may reject: that is kept as little as what is old */
  get(address: string, make: () => Promise<string>): Promise<string> {
    const at = this.#clock.elapsed();
    const known = this.#kept.get(address);
    if (known !== undefined && at - known.at < keepMs) return known.page;
    if (this.#kept.size >= mostPages) this.#kept.clear();
    const page = make();
    this.#kept.set(address, { at, page });
    page.catch(() => this.#kept.delete(address));
    return page;
  }
}
