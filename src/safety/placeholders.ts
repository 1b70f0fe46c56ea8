import type { Match } from "./filter.ts";

/** Puts back into a text that comes in pieces what was redacted. */
export interface Restoring {
  push: (piece: string) => string;
  end: () => string;
}

const standInPattern = /\[[A-Z0-9-]{3,160}\]/g;

/**
 * Stand-ins for what was redacted, and the way back. One text gets one stand-in throughout, so that a
 * model can speak of it. Each kind is counted by itself, in the order of its coming: a conversation that
 * grows keeps those it has, whatever other filters find in what is new.
 */
export class Placeholders {
  readonly #taken: ReadonlySet<string>;
  readonly #standIns = new Map<string, string>();
  /** By what they stand for: filters that look for other things do not disturb each other's. */
  readonly #counts = new Map<string, number>();
  readonly #originals = new Map<string, string>();

  /** @param texts that must hold none of the stand-ins, so that what is put back is what was redacted */
  constructor(texts: readonly string[]) {
    this.#taken = new Set(texts.flatMap((text) => text.match(standInPattern) ?? []));
  }

  /** Such as `[PII-EMAIL-1]`; `restore` puts the text back, also where a filter before has redacted a part of it. */
  readonly of = (match: Match, found: string): string => {
    const standIn = this.forGood(match, found);
    this.#originals.set(standIn, this.restore(found));
    return standIn;
  };

  /** The same, but nothing puts the text back. */
  readonly forGood = ({ rule }: Match, found: string): string => {
    const known = this.#standIns.get(found);
    if (known !== undefined) return known;
    const kind = rule.split("/").slice(0, 2).join("-").toUpperCase();
    const standIn = this.#next(kind);
    this.#standIns.set(found, standIn);
    return standIn;
  };

  #next(kind: string): string {
    let count = this.#counts.get(kind) ?? 0;
    let standIn: string;
    do {
      count += 1;
      standIn = `[${kind}-${count}]`;
    } while (this.#taken.has(standIn));
    this.#counts.set(kind, count);
    return standIn;
  }

  /** Whether there is anything to put back. */
  get restores(): boolean {
    return this.#originals.size > 0;
  }

  /** The text with what was redacted back in its places. */
  restore(text: string): string {
    return this.#restoreAs(text, (original) => original);
  }

  /** The same in a JSON text, which stays JSON. */
  restoreJson(text: string): string {
    return this.#restoreAs(text, (original) => JSON.stringify(original).slice(1, -1));
  }

  /** Of a text in pieces; it holds back a begun stand-in alone. */
  restoring(form: "text" | "json" = "text"): Restoring {
    const restore = (text: string): string =>
      form === "json" ? this.restoreJson(text) : this.restore(text);
    let held = "";
    const push = (piece: string): string => {
      held += piece;
      const begun = /\[[A-Z0-9-]{0,160}$/.exec(held)?.index ?? held.length;
      const text = restore(held.slice(0, begun));
      held = held.slice(begun);
      return text;
    };
    return { push, end: () => restore(held) };
  }

  #restoreAs(text: string, form: (original: string) => string): string {
    return text.replaceAll(standInPattern, (standIn) => {
      const original = this.#originals.get(standIn);
      return original === undefined ? standIn : form(original);
    });
  }
}
