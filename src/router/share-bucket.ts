export interface BucketShape {
  /** What it holds at the beginning, in whole takings. */
  start: number;
  /** The most that it holds: what was not taken lately cannot be taken all at once later. */
  most: number;
  /** What it gains with time alone, so that something can be taken at any traffic. */
  perSecond: number;
}

/**
 * Bounds how often something happens to a share of how often something else does: each event adds
 * its per cents, each taking wants a hundred of them. Of constant size.
 */
export class ShareBucket {
  readonly #shape: BucketShape;
  #perCents: number;
  #at: number;

  /** @param now milliseconds by a clock that never steps back, as everywhere below */
  constructor(shape: BucketShape, now: number) {
    this.#shape = shape;
    this.#perCents = shape.start * 100;
    this.#at = now;
  }

  /** An event of which `percent` may be taken. */
  add(percent: number, now: number): void {
    const { most, perSecond } = this.#shape;
    const gained = ((now - this.#at) / 10) * perSecond;
    this.#perCents = Math.min(most * 100, this.#perCents + gained + percent);
    this.#at = now;
  }

  /** Whether one may be taken. */
  has(now: number): boolean {
    this.add(0, now);
    return this.#perCents >= 100;
  }

  /** Takes one if there is one. Where there is none, nothing is owed. */
  take(now: number): boolean {
    if (!this.has(now)) return false;
    this.#perCents -= 100;
    return true;
  }

  /** Takes one whether or not there is one, and owes it: never more than the bucket holds when full. */
  owe(now: number): void {
    this.add(0, now);
    this.#perCents = Math.max(-this.#shape.most * 100, this.#perCents - 100);
  }
}
