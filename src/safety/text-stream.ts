import type { Filter, Hint, Match } from "./filter.ts";

export type Action = "Block" | "Redact" | "Observe";

/** Window holds back what is not settled yet, Buffer everything, Async nothing. */
export type Streaming = "Window" | "Buffer" | "Async";

/** What a piece of text led to. */
export interface Passed {
  /** What may go out now. */
  text: string;
  /** What was found since, with offsets in the text as a whole. */
  matches: readonly Match[];
  /** Whether a match ended it: nothing more goes out. */
  blocked: boolean;
}

export interface StreamSettings {
  action: Action;
  streaming: Streaming;
  /** What stands in the place of what was found, where action is Redact. */
  placeholder: (match: Match, found: string) => string;
}

/** So much more text makes another look worth its cost. */
const step = 64;

/** Where there may be something to find a look costs more, and waits for more text. */
const busyStep = 256;

/** A filter's hint stands so far before a match at most. */
const hintReach = 256;

/**
 * A text that comes in pieces, past one filter. However it is cut, what goes out and what is found
 * are what the whole text would give; with Block, at most what stands before the match goes out.
 * Async lets everything out at once, and tells a match as soon as it is settled.
 */
export class TextStream {
  readonly #filter: Filter;
  readonly #settings: StreamSettings;
  /** The text from `#base` on: what is not out yet, and a window before it. */
  #text = "";
  #base = 0;
  /** What begins before this is known. */
  #judged = 0;
  /** What stands before this is out, or replaced. */
  #out = 0;
  #blocked = false;

  constructor(filter: Filter, settings: StreamSettings) {
    this.#filter = filter;
    this.#settings = settings;
  }

  push(piece: string): Passed {
    if (this.#blocked) return { text: "", matches: [], blocked: true };
    this.#text += piece;
    const place = this.#settledPlace();
    return this.#isWorthALook(place - this.#judged)
      ? this.#judge(place)
      : this.#pass([], this.#judged);
  }

  /** The text has no more pieces. */
  end(): Passed {
    if (this.#blocked) return { text: "", matches: [], blocked: true };
    return this.#judge(this.#base + this.#text.length);
  }

  /** What is held back, as it came, for when the filter is of no more use: nothing goes through it after. */
  abandon(): string {
    this.#blocked = true;
    return this.#take(this.#base + this.#text.length);
  }

  /** Where nothing is done about it, finding it late costs nobody anything. */
  #isWorthALook(settled: number): boolean {
    const { window = step, hint } = this.#filter;
    if (settled < step) return false;
    if (this.#settings.action === "Observe") return settled >= window;
    return settled >= busyStep || hint === undefined || !this.#isHinted(hint);
  }

  #settledPlace(): number {
    const { window, settled } = this.#filter;
    if (window === undefined || this.#settings.streaming === "Buffer") return 0;
    const { length } = this.#text;
    const place = Math.max(length - window, settled?.(this.#text) ?? 0);
    // The halves of a character go out together.
    const halved = place > 0 && /[\ud800-\udbff]/.test(this.#text.charAt(place - 1));
    return this.#base + (halved ? place - 1 : place);
  }

  #judge(place: number): Passed {
    const from = this.#judged;
    const ended = place === this.#base + this.#text.length;
    const matches = this.#look()
      .map(({ rule, start, end }) => ({
        rule,
        start: start + this.#base,
        end: end + this.#base,
      }))
      .filter(({ start }) => start >= from && (start < place || ended));
    this.#judged = place;
    const passed = this.#pass(matches, place);
    this.#forget();
    return passed;
  }

  /** What the text that is kept holds, or nothing where none could begin behind what is judged. */
  #look(): readonly Match[] {
    const { hint } = this.#filter;
    const mayHold = hint === undefined || this.#isHinted(hint);
    return mayHold ? this.#filter.inspect(this.#text).matches : [];
  }

  #isHinted(hint: Hint): boolean {
    return hint.test(this.#text.slice(Math.max(0, this.#judged - this.#base - hintReach)));
  }

  #pass(matches: readonly Match[], place: number): Passed {
    const { action, streaming } = this.#settings;
    const [first] = matches;
    this.#blocked = action === "Block" && first !== undefined;
    if (streaming === "Async" || action === "Observe")
      return { text: this.#take(this.#base + this.#text.length), matches, blocked: this.#blocked };
    if (action === "Block")
      return { text: this.#take(first?.start ?? place), matches, blocked: this.#blocked };
    return { text: this.#redacted(matches) + this.#take(place), matches, blocked: false };
  }

  /** Up to the last match, each from where the one before ended. */
  #redacted(matches: readonly Match[]): string {
    let text = "";
    for (const match of matches) {
      if (match.end <= this.#out) continue;
      text += this.#take(match.start);
      // Of what reaches out of the match before it, the rest.
      const found = this.#text.slice(this.#out - this.#base, match.end - this.#base);
      text += this.#settings.placeholder(match, found);
      this.#out = match.end;
    }
    return text;
  }

  /** What is not out yet of the text before a place. */
  #take(place: number): string {
    if (place <= this.#out) return "";
    const text = this.#text.slice(this.#out - this.#base, place - this.#base);
    this.#out = place;
    return text;
  }

  #forget(): void {
    const needed =
      Math.min(this.#out, this.#judged) - (this.#filter.window ?? Number.POSITIVE_INFINITY);
    if (needed <= this.#base) return;
    this.#text = this.#text.slice(needed - this.#base);
    this.#base = needed;
  }
}
