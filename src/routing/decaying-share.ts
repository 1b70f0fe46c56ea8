/**
 * A share over a fading past: of attempts that failed, of tokens that were read from a cache. Two
 * sums that halve with every half-life; `doubt` counts as that much weight of zeros.
 */
export class DecayingShare {
  readonly #halfLifeMs: number;
  readonly #doubt: number;
  #part = 0;
  #whole = 0;
  #at = 0;

  constructor(halfLifeMs: number, doubt: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#doubt = doubt;
  }

  observe(part: number, whole: number, now: number): void {
    const fading = this.#fading(now);
    this.#part = this.#part * fading + part;
    this.#whole = this.#whole * fading + whole;
    this.#at = now;
  }

  /** From 0 to 1; 0 where nothing has been observed. */
  share(now: number): number {
    const fading = this.#fading(now);
    return this.#part === 0 ? 0 : (this.#part * fading) / (this.#whole * fading + this.#doubt);
  }

  /** How much the fading past weighs now. */
  weight(now: number): number {
    return this.#whole * this.#fading(now);
  }

  #fading(now: number): number {
    return 2 ** ((this.#at - now) / this.#halfLifeMs);
  }
}
