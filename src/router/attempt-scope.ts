import { Watchdog } from "./deadline.ts";

/** The lifetime of one attempt: a signal that the client's leaving or a passed bound aborts. */
export class AttemptScope {
  readonly watchdog: Watchdog;
  readonly #controller = new AbortController();
  readonly #whole = new Watchdog(this.#controller);
  readonly #gone: AbortSignal;
  #settled = false;
  #cancelled = false;
  readonly #onGone = () => this.#controller.abort(this.#gone.reason);

  constructor(gone: AbortSignal) {
    this.#gone = gone;
    this.watchdog = new Watchdog(this.#controller);
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
    if (!this.#settled) this.#controller.abort(reason);
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
    if (!this.signal.aborted) this.#controller.abort(new Error("The attempt has ended"));
  }
}
