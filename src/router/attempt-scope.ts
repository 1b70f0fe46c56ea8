import { Watchdog } from "./deadline.ts";

/** The lifetime of one attempt: a signal that the client's leaving or a passed bound aborts. */
export class AttemptScope {
  readonly watchdog: Watchdog;
  readonly #controller = new AbortController();
  readonly #whole: Watchdog;
  readonly #gone: AbortSignal;
  #settled = false;
  #cancelled = false;
  /** Ends the wait that is under way, if one is. */
  #giveUp: ((reason: unknown) => void) | undefined;
  readonly #onGone = () => this.#abort(this.#gone.reason);

  constructor(gone: AbortSignal) {
    this.#gone = gone;
    const bounded = { abort: (reason: Error) => this.#abort(reason) };
    this.#whole = new Watchdog(bounded);
    this.watchdog = new Watchdog(bounded);
    if (gone.aborted) this.#onGone();
    else gone.addEventListener("abort", this.#onGone, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Whether a bound, the client or another attempt ended it before it had come to an end of its own. */
  get cancelled(): boolean {
    return this.#settled ? this.#cancelled : this.signal.aborted;
  }

  /** A second bound beside the watchdog's, which nothing feeds. */
  boundWhole(ms: number, reason: () => Error): void {
    this.#whole.arm(ms, reason);
  }

  /** Ends the attempt for a reason that lies outside it. */
  cancel(reason: Error): void {
    if (!this.#settled) this.#abort(reason);
  }

  /**
   * Waits for a promise no longer than the scope lives; one at a time. It does what `untilAborted` does,
   * without a listener of the signal: a stream waits for each frame, and listeners are dear.
   *
   * @throws the reason for which the scope was aborted
   */
  until<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      if (this.signal.aborted) reject(this.signal.reason as Error);
      else this.#giveUp = reject;
    });
  }

  /** What is waited for gives up before others hear of it: what they make of it comes too late to count. */
  #abort(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#giveUp?.(reason);
    this.#controller.abort(reason);
  }

  /** Whether nothing is waited for any more. */
  get isOver(): boolean {
    return this.#settled || this.signal.aborted;
  }

  /**
   * The call has come to its end by itself: leaves no timer and no listener behind. The signal is left
   * alone: an abort costs more than the rest of an attempt, and Node keeps what hung on it for long.
   */
  settle(): void {
    if (!this.#settled) this.#cancelled = this.signal.aborted;
    this.#settled = true;
    this.watchdog.clear();
    this.#whole.clear();
    this.#gone.removeEventListener("abort", this.#onGone);
  }

  /** Aborts what may still be under way upstream; of a call that has settled nothing is. */
  close(): void {
    if (this.#settled) return;
    this.settle();
    this.#abort(new Error("The attempt has ended"));
  }
}
