import type { Refreshed } from "../../src/cli/folder-tables.ts";

const longestWaitMs = 60_000;

/** Keeps what a router tells of its loadings, and tells when one comes. */
export class KeptRefreshes {
  readonly all: Refreshed[] = [];
  readonly #waiting = new Set<() => void>();

  add(refreshed: Refreshed): void {
    this.all.push(refreshed);
    for (const look of this.#waiting) look();
  }

  /** Waits for one for which the test holds, the `since`th or later. */
  where(test: (refreshed: Refreshed) => boolean, since = 0): Promise<Refreshed> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = (): void => {
        const found = this.all.slice(since).find(test);
        if (found !== undefined) settle(() => resolve(found));
      };
      const timer = setTimeout(() => {
        const last = this.all.at(-1)?.problems.join("\n");
        settle(() => reject(new Error(`No such loading came; the last one told: ${last}`)));
      }, longestWaitMs);
      this.#waiting.add(look);
      look();
    });
  }
}
