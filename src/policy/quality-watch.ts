export interface Gambler {
  /** The share of its capital that it stakes each time. Times the largest difference it has to stay below 1. */
  stake: number;
  /** What it starts with; all together start with 1. */
  capital: number;
}

/** Which stake suits, only the drift would tell. */
export const anyDrift: readonly Gambler[] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8].map(
  (stake, _, { length }) => ({
    stake,
    capital: 1 / length,
  }),
);

/**
 * Watches whether a certified policy still keeps its floor, label by label, for as long as one likes.
 * It bets against the certificate: while correct − floor · strongest's correct is 0 or more in the mean,
 * its capital cannot be expected to grow, and the chance that it ever reaches 1 / risk is at most the
 * risk, however often one looks (Ville's inequality). The capital is the mean of gamblers with
 * different stakes, so that slow and fast drift are both found about as soon as can be.
 */
export class QualityWatch {
  readonly #floor: number;
  readonly #risk: number;
  readonly #stakes: Float64Array;
  readonly #capitals: Float64Array;
  #isRevoked = false;

  /**
   * @param floor share of the strongest's correct answers
   * @param risk of revoking a certificate that holds
   * @param gamblers for those who know more of the drift that they look for
   */
  constructor(floor: number, risk: number, gamblers: readonly Gambler[] = anyDrift) {
    this.#floor = floor;
    this.#risk = risk;
    this.#stakes = Float64Array.from(gamblers, ({ stake }) => stake);
    this.#capitals = Float64Array.from(gamblers, ({ capital }) => capital);
  }

  /** The evidence against the certificate: 1 at first. */
  get evidence(): number {
    return this.#capitals.reduce((sum, capital) => sum + capital, 0);
  }

  /** Once revoked, it stays so. */
  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  /** Takes a label of a prompt that both answered: 1 or 0 each, or shares. */
  add(chosen: number, strongest: number): void {
    const difference = chosen - this.#floor * strongest;
    for (const [gambler, stake] of this.#stakes.entries()) {
      // The difference is 1 at most and no stake is whole: no capital is ever lost for good.
      this.#capitals[gambler] = (this.#capitals[gambler] ?? 0) * (1 - stake * difference);
    }
    if (this.evidence >= 1 / this.#risk) this.#isRevoked = true;
  }
}
