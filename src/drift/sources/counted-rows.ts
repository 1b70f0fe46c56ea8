import type { DistributionSignal, MixFact, ShareSignal } from "../series.ts";
import type { MixSum } from "./arithmetic.ts";
import type { Spot, Tally } from "./tally.ts";

// Rows that databases have counted, under the names that our queries give their columns.

interface OfPlace {
  route: string;
  backend: string;
  tenant: string | null;
}

export interface SlotRow extends OfPlace {
  signal: DistributionSignal;
  slot: number;
  samples: number;
  total: number;
}

export interface CategoryRow extends OfPlace {
  signal: ShareSignal;
  category: string;
  samples: number;
}

/** Of what a mix has means of. */
export const mixSignals = [
  "latency",
  "first_token",
  "input_tokens",
  "output_tokens",
  "cost",
] as const satisfies readonly DistributionSignal[];

export interface MixRow extends OfPlace {
  fact: MixFact;
  category: string;
  samples: number;
  /** For each of `mixSignals` in turn how many there were, and their sum. */
  counts: readonly number[];
  sums: readonly (number | null)[];
}

export interface CountedRows {
  slots: readonly SlotRow[];
  categories: readonly CategoryRow[];
  mixes: readonly MixRow[];
}

export function addRows(tally: Tally, window: number, rows: CountedRows): void {
  const spotOf = ({ route, backend, tenant }: OfPlace): Spot => ({
    key: { route, backend, tenant },
    window,
  });
  for (const row of rows.slots)
    tally.addSamples(spotOf(row), row.signal, {
      slot: row.slot,
      count: row.samples,
      sum: row.total,
    });
  for (const row of rows.categories)
    tally.addCategory(spotOf(row), row.signal, row.category, row.samples);
  for (const row of rows.mixes)
    tally.addMix(spotOf(row), row.fact, row.category, { count: row.samples, sums: sumsOf(row) });
}

function sumsOf({ counts, sums }: MixRow): MixSum["sums"] {
  const known = mixSignals.flatMap((signal, index) => {
    const count = counts[index] ?? 0;
    return count === 0 ? [] : [[signal, { count, sum: sums[index] ?? 0 }] as const];
  });
  return Object.fromEntries(known);
}
