import type { AttemptRecord } from "../../records/index.ts";
import { DurationSlots, type Durations } from "./duration-slots.ts";
import { SlotSums } from "./slot-sums.ts";

/** Five minutes, in steps that show an incident as it begins. */
const countsShape = { slotMs: 15_000, slots: 20 } as const;
const lately = { from: countsShape.slots - 1, to: 0 };
const lastMinute = { from: 3, to: 0 };
/** A quarter of an hour by minutes: an attempt takes seconds. */
const shape = { slotMs: 60_000, slots: 15 } as const;
/** The present minute and the four before it. */
const recent = { from: 4, to: 0 };
/** What is new is held against the minutes before: of two minutes, so that it is seen while it is new. */
const fresh = { from: 1, to: 0 };
const earlier = { from: 14, to: 3 };

export interface Seen {
  recent: Durations | null;
  fresh: Durations | null;
  earlier: Durations | null;
  /** P95 by minutes, the oldest first; null where there was none. */
  p95BySlot: readonly (number | null)[];
}

export interface PairFigures {
  route: string;
  backend: string;
  /** Of the last five minutes. */
  attempts: number;
  failed: number;
  /** Of the last minute. */
  freshAttempts: number;
  freshFailed: number;
  /** Milliseconds; of the first token only streams tell. */
  firstToken: Seen;
  total: Seen;
}

/** Ends that are nobody's fault, and tell neither of health nor of speed. */
const cancelled = new Set(["superseded", "client_closed_request"]);
/** Failures that lasted as long as they were allowed to: their time is a wait that somebody had. */
const waits = new Set(["timeout", "slow_first_token"]);

/** How one backend has answered one route lately. */
export class PairTally {
  readonly #sums = new SlotSums(2, countsShape);
  readonly #firstToken = new DurationSlots(shape);
  readonly #total = new DurationSlots(shape);

  add({ ms, ttft_ms: firstTokenMs, error_type: error }: AttemptRecord, now: number): void {
    if (error !== null && cancelled.has(error)) return;
    this.#sums.add(0, 1, now);
    if (error !== null) this.#sums.add(1, 1, now);
    if (firstTokenMs !== null) this.#firstToken.add(firstTokenMs, now);
    if (error === null || waits.has(error)) this.#total.add(ms, now);
  }

  /** Of the last five minutes. */
  attempts(now: number): number {
    return this.#sums.sum(0, lately.from, lately.to, now);
  }

  read(route: string, backend: string, now: number): PairFigures {
    return {
      route,
      backend,
      attempts: this.attempts(now),
      failed: this.#sums.sum(1, lately.from, lately.to, now),
      freshAttempts: this.#sums.sum(0, lastMinute.from, lastMinute.to, now),
      freshFailed: this.#sums.sum(1, lastMinute.from, lastMinute.to, now),
      firstToken: seen(this.#firstToken, now),
      total: seen(this.#total, now),
    };
  }
}

function seen(slots: DurationSlots, now: number): Seen {
  return {
    recent: slots.between(recent.from, recent.to, now),
    fresh: slots.between(fresh.from, fresh.to, now),
    earlier: slots.between(earlier.from, earlier.to, now),
    p95BySlot: slots.series("p95", now),
  };
}
