import { distributionOf } from "../../../test/support/distribution.ts";
import type { Timed } from "./exchange.ts";
import type { Loaded } from "./job.ts";

/** Adds up how requests went. */
export class Tally {
  readonly #totals: number[] = [];
  readonly #firstBytes: number[] = [];
  readonly #gaps: number[] = [];
  #late = 0;
  #failures = 0;
  #firstFailure: string | null = null;

  add(outcome: Timed | Error): void {
    if (outcome instanceof Error) {
      this.#failures += 1;
      this.#firstFailure ??= outcome.message;
      return;
    }
    this.#totals.push(outcome.totalMs);
    this.#firstBytes.push(outcome.firstByteMs);
    for (const gap of outcome.gapsMs) this.#gaps.push(gap);
  }

  get failures(): number {
    return this.#failures;
  }

  /** Answered in time, or failed. */
  get settled(): number {
    return this.#totals.length + this.#failures;
  }

  /** One that was answered after the time. */
  addLate(): void {
    this.#late += 1;
  }

  over(seconds: number): Loaded {
    return {
      requests: this.#totals.length,
      answered: this.#totals.length + this.#late,
      perSecond: this.#totals.length / seconds,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      totalMs: spread(this.#totals),
      firstByteMs: spread(this.#firstBytes),
      gapMs: spread(this.#gaps),
    };
  }
}

const spread = (values: readonly number[]) => (values.length === 0 ? null : distributionOf(values));
