/** The bytes of request bodies that are in memory: those still coming in, and those of requests under way. */
export class HeldBytes {
  total = 0;

  /** A body that is about to come in. */
  open(): HeldBody {
    return new HeldBody(this);
  }
}

/** What is held of one request's body. */
export class HeldBody {
  readonly #of: HeldBytes;
  #bytes = 0;
  #released = false;

  constructor(of: HeldBytes) {
    this.#of = of;
  }

  /** Counts what has come in; what comes in after the release is held by nobody. */
  add(bytes: number): void {
    if (this.#released) return;
    this.#bytes += bytes;
    this.#of.total += bytes;
  }

  /** The request has ended, and its body with it. */
  release(): void {
    if (!this.#released) this.#of.total -= this.#bytes;
    this.#released = true;
  }
}
