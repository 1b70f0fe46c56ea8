import type { RequestRecord } from "../../records/index.ts";
import { outcomeOf, type OutcomeLabel } from "../../telemetry/index.ts";
import { SlotSums } from "./slot-sums.ts";

/** A quarter of an hour, in steps that show an incident as it begins. */
const shape = { slotMs: 15_000, slots: 60 } as const;
/** Five minutes: what "lately" means for shares. */
const recentSlots = 20;
/** A minute: in it an incident is seen before five minutes of good traffic let it through. */
const freshSlots = 4;

const columns = [
  "answered",
  "refused",
  "limited",
  "failed",
  "aborted",
  "fallback",
  "missed",
] as const;
type Column = (typeof columns)[number];

/** What became of requests. All but `fallback` and `missed` are ends: their sum is all requests. */
export type Counts = Readonly<Record<Column, number>>;

export interface Money {
  requests: number;
  costUsd: number;
  /** What the baseline would have cost, and what was paid for the same requests. */
  baselineUsd: number;
  comparedUsd: number;
}

export interface RouteFigures extends Money {
  /** Over the last five minutes. */
  recent: Counts;
  /** Over the last minute. */
  fresh: Counts;
  /** Requests and those that failed, over a quarter of an hour by quarters of a minute, the oldest first. */
  requestsBySlot: readonly number[];
  failedBySlot: readonly number[];
}

/** What a route, or a tenant, has cost since the router began. */
export class MoneyTally {
  #requests = 0;
  #costUsd = 0;
  #baselineUsd = 0;
  #comparedUsd = 0;

  add({ cost_usd: cost, baseline_cost_usd: baseline }: RequestRecord): void {
    this.#requests += 1;
    this.#costUsd += cost;
    if (baseline === null) return;
    this.#baselineUsd += baseline;
    this.#comparedUsd += cost;
  }

  read(): Money {
    return {
      requests: this.#requests,
      costUsd: this.#costUsd,
      baselineUsd: this.#baselineUsd,
      comparedUsd: this.#comparedUsd,
    };
  }
}

/** The ends come first. */
const columnOf: Readonly<Record<OutcomeLabel, number>> = {
  answered: 0,
  refused: 1,
  limited: 2,
  failed: 3,
  aborted: 4,
};
const fallbackColumn = 5;
const missedColumn = 6;

/** What became of a route's requests lately, and what they have cost. */
export class RouteTally {
  readonly #sums = new SlotSums(columns.length, shape);
  readonly #money = new MoneyTally();

  add(record: RequestRecord, now: number): void {
    this.#sums.add(columnOf[outcomeOf(record)], 1, now);
    if (record.fallback_reason !== null) this.#sums.add(fallbackColumn, 1, now);
    if (record.envelope_missed) this.#sums.add(missedColumn, 1, now);
    this.#money.add(record);
  }

  read(now: number): RouteFigures {
    const recent = new Float64Array(columns.length);
    const fresh = new Float64Array(columns.length);
    const requestsBySlot: number[] = [];
    const failedBySlot: number[] = [];
    for (let ago = shape.slots - 1; ago >= 0; ago -= 1) {
      slot.fill(0);
      this.#sums.addTo(slot, ago, now);
      requestsBySlot.push(endsIn(slot));
      failedBySlot.push(slot[columnOf.failed] ?? 0);
      if (ago < recentSlots) this.#sums.addTo(recent, ago, now);
      if (ago < freshSlots) this.#sums.addTo(fresh, ago, now);
    }
    return {
      ...this.#money.read(),
      recent: countsOf(recent),
      fresh: countsOf(fresh),
      requestsBySlot,
      failedBySlot,
    };
  }
}

/** Used again for each slot: a look at a thousand routes would leave sixty thousand of them. */
const slot = new Float64Array(columns.length);

function endsIn(sums: Float64Array): number {
  let sum = 0;
  for (let column = 0; column <= columnOf.aborted; column += 1) sum += sums[column] ?? 0;
  return sum;
}

const countsOf = (sums: Float64Array): Counts => ({
  answered: sums[columnOf.answered] ?? 0,
  refused: sums[columnOf.refused] ?? 0,
  limited: sums[columnOf.limited] ?? 0,
  failed: sums[columnOf.failed] ?? 0,
  aborted: sums[columnOf.aborted] ?? 0,
  fallback: sums[fallbackColumn] ?? 0,
  missed: sums[missedColumn] ?? 0,
});

/** Over how much time `recent` counts. */
export const recentMs = shape.slotMs * recentSlots;
/** Over how much time `fresh` counts, at most. */
export const freshMs = shape.slotMs * freshSlots;
