/**
 * Takes the stop sequence off an answer's end: text-generation containers give it out with the
 * text, OpenAI's clients expect it gone. Holds back what may be the beginning of one.
 */
export class StopTrimmer {
  readonly #stops: readonly string[];
  #held = "";
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** Whether a stop sequence has been found: nothing after it counts. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @returns the text that is certain by now */
  push(text: string): string {
    if (this.#stopped) return "";
    const all = this.#held + text;
    const stop = this.#firstStop(all);
    this.#stopped = stop !== -1;
    const certain = this.#stopped ? stop : all.length - this.#openLength(all);
    this.#held = this.#stopped ? "" : all.slice(certain);
    return all.slice(0, certain);
  }

  /** What was held back and turned out to be no stop sequence. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  #firstStop(text: string): number {
    const places = this.#stops.map((stop) => text.indexOf(stop)).filter((place) => place !== -1);
    return places.length === 0 ? -1 : Math.min(...places);
  }

  /** How many units at the end might begin a stop sequence. */
  #openLength(text: string): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
      const tail = text.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}
