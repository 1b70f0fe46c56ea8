import type { BrokenLine } from "../records/index.ts";

/** Lines that are no records: a few are shown, all are counted. */
export class LeftOut {
  count = 0;
  readonly #first: BrokenLine[] = [];

  add(line: BrokenLine): void {
    this.count += 1;
    if (this.#first.length < 3) this.#first.push(line);
  }

  tell(): void {
    for (const { file, line, problem } of this.#first) {
      const place = line === null ? file : `${file}, line ${line}`;
      console.error(`Left out: ${place}: ${problem}`);
    }
    const more = this.count - this.#first.length;
    if (more > 0) console.error(`Left out: ${more} more`);
  }
}
