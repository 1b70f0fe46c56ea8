import type { StatusChange } from "./compare-status.ts";

/** Figures and wording alone change often, and are gathered for this long. */
const gatherMs = 2_000;

/** From one write of them to the next, at least. */
const figuresPauseMs = 5_000;

/** So many turns of what routers do are told at once within the window; a router that flaps makes more. */
const mostTurns = 4;
const windowMs = 20_000;

/**
 * How often the status of one resource is written. One router whose acknowledgement goes back and forth
 * changes the statuses of all routes: 2,000 writes with each of its turns would keep the API server busy
 * with nothing.
 */
export class WritePace {
  #figuresAt = Number.NEGATIVE_INFINITY;
  /** When the latest turns were written, the earliest first; `mostTurns` at most. */
  #turns: number[] = [];

  /**
   * Milliseconds from now on before such a change is to be written.
   *
   * @param now by a clock's `elapsed()`
   */
  delayMs(change: StatusChange, now: number): number {
    if (change === "author") return 0;
    if (change === "figures") return Math.max(gatherMs, this.#figuresAt + figuresPauseMs - now);
    const [earliest] = this.#turns;
    if (earliest === undefined || this.#turns.length < mostTurns) return 0;
    return Math.max(0, earliest + windowMs - now);
  }

  /** Notes that such a change was written. */
  note(change: StatusChange, now: number): void {
    if (change === "figures") this.#figuresAt = now;
    // What follows from an edit is news each time.
    else if (change === "author") this.#turns = [];
    else this.#turns = [...this.#turns.slice(1 - mostTurns), now];
  }
}
