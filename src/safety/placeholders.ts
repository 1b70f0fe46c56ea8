import type { Match } from "./filter.ts";

/**
 * Stand-ins for what was redacted, and the way back. One text gets one stand-in throughout, so that a
 * model can speak of it; none of them stands in the texts that are redacted.
 */
export class Placeholders {
  readonly #taken: string;
  readonly #standIns = new Map<string, string>();
  readonly #originals = new Map<string, string>();

  /** @param texts all that will be redacted with these */
  constructor(texts: readonly string[]) {
    this.#taken = texts.join("\n");
  }

  /** Such as `[PII-EMAIL-1]`. */
  readonly of = (match: Match, found: string): string => {
    const known = this.#standIns.get(found);
    if (known !== undefined) return known;
    const kind = match.rule.split("/").slice(0, 2).join("-").toUpperCase();
    let count = this.#standIns.size + 1;
    while (this.#taken.includes(`[${kind}-${count}]`) || this.#originals.has(`[${kind}-${count}]`))
      count += 1;
    const standIn = `[${kind}-${count}]`;
    this.#standIns.set(found, standIn);
    this.#originals.set(standIn, found);
    return standIn;
  };

  /** The text with what was redacted back in its places. */
  restore(text: string): string {
    return text.replaceAll(
      /\[[A-Z0-9-]{3,160}\]/g,
      (standIn) => this.#originals.get(standIn) ?? standIn,
    );
  }

  /** Puts back what was redacted into a text that comes in pieces, holding back a begun stand-in alone. */
  restoring(): { push: (piece: string) => string; end: () => string } {
    let held = "";
    const push = (piece: string): string => {
      held += piece;
      const begun = /\[[A-Z0-9-]{0,160}$/.exec(held)?.index ?? held.length;
      const text = this.restore(held.slice(0, begun));
      held = held.slice(begun);
      return text;
    };
    return { push, end: () => this.restore(held) };
  }
}
