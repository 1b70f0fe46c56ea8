import type { Clock } from "../lib/index.ts";
import type { ReportTrouble } from "./sink.ts";

/** Counts dropped records, and reports at most one line a minute: a full disk must not fill the log too. */
export class TroubleReporter {
  #dropped = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #reported = 0;
  #lastWhy = "";
  readonly #clock: Clock;
  readonly #report: ReportTrouble;

  constructor(clock: Clock, report: ReportTrouble) {
    this.#clock = clock;
    this.#report = report;
  }

  get dropped(): number {
    return this.#dropped;
  }

  drop(count: number, why: string): void {
    this.#dropped += count;
    if (count > 0) this.#lastWhy = why;
    const now = this.#clock.elapsed();
    if (now - this.#reportedAt < 60_000) return;
    this.#reportedAt = now;
    this.#reported = this.#dropped;
    this.#report(why, this.#dropped);
  }

  /** Reports what was dropped since the last report, at the end of a sink: there is no other minute. */
  finish(): void {
    if (this.#dropped > this.#reported) this.#report(this.#lastWhy, this.#dropped);
    this.#reported = this.#dropped;
  }
}
