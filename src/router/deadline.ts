/**
 * Waits for a promise no longer than its signal lives. The loser's rejection is swallowed, so a
 * provider that ignores its signal can neither hang a request nor crash the process.
 *
 * @throws the signal's reason once it is aborted
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) {
      promise.catch(() => undefined);
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    promise.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}

interface Abortable {
  abort(reason: Error): void;
}

/** One timer that aborts what it watches unless it is fed in time; feeding it costs no new timer. */
export class Watchdog {
  readonly #watched: Abortable;
  #timer: NodeJS.Timeout | undefined;
  #start: (() => NodeJS.Timeout) | undefined;

  constructor(watched: Abortable) {
    this.#watched = watched;
  }

  /** Starts over with this bound; `reason` is made only when it is passed. */
  arm(ms: number, reason: () => Error): void {
    this.clear();
    // Whole milliseconds: Node finds the timers of a fraction again by its text.
    const whole = Math.max(0, Math.ceil(ms));
    this.#start = () => setTimeout(() => this.#watched.abort(reason()), whole);
    this.#timer = this.#start();
  }

  /** Starts the same bound anew. */
  feed(): void {
    if (this.#timer === undefined) this.#timer = this.#start?.();
    else this.#timer.refresh();
  }

  /** Stops until it is fed again: what is waited for meanwhile is not the provider's doing. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  clear(): void {
    this.pause();
    this.#start = undefined;
  }
}
