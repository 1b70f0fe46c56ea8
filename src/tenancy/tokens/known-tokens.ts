import type { Identification } from "../identify.ts";
import type { HeldKeys, IssuerKeys } from "./issuer-keys.ts";
import type { TokenIndex } from "./token-index.ts";

export interface KnownToken {
  identification: Identification;
  /** What it was verified with, and by what it was judged: another of either wants another look. */
  issuer: Pick<IssuerKeys, "usable">;
  held: HeldKeys;
  index: TokenIndex;
  /** Milliseconds since the epoch. */
  until: number;
}

/** As many tokens as are remembered; those that were used least lately are verified again. */
const mostKnown = 4_096;

/** Who the tokens are that were verified, by their digests: the tokens themselves are kept nowhere. */
export class KnownTokens {
  readonly #known = new Map<string, KnownToken>();

  find(digest: string, index: TokenIndex, now: number): Identification | undefined {
    const known = this.#known.get(digest);
    if (known === undefined) return undefined;
    this.#known.delete(digest);
    const holds =
      known.index === index && now < known.until && known.issuer.usable() === known.held;
    if (!holds) return undefined;
    this.#known.set(digest, known);
    return known.identification;
  }

  keep(digest: string, token: KnownToken): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= mostKnown && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(digest, token);
  }
}
