import type {
  DistributionSeries,
  DistributionSignal,
  MixCell,
  MixFact,
  MixSeries,
  SeriesKey,
  ShareSeries,
  ShareSignal,
} from "../series.ts";
import {
  addMixSums,
  type Arithmetic,
  categories,
  histograms,
  type MixSum,
  mixes,
} from "./arithmetic.ts";
import { type Piece, withLargeTenants } from "./large-tenants.ts";
import { histogramOf, type SlotCounts } from "./slots.ts";

/** Past so many routes, backends and tenants, further tenants are counted without their names. */
const mostPlaces = 20_000;
/** Past so many categories of one place and window, further ones are counted together. */
const mostCategories = 500;
const furtherCategories = "other";

interface WindowCounts {
  distributions: Map<DistributionSignal, SlotCounts>;
  shares: Map<ShareSignal, Map<string, number>>;
  mixes: Map<MixFact, Map<string, MixSum>>;
}

interface Place {
  key: SeriesKey;
  windows: (WindowCounts | undefined)[];
}

/** Where a count belongs. */
export interface Spot {
  key: SeriesKey;
  /** The number of the window. */
  window: number;
}

/** Counts by route, backend, tenant and window: as much memory as there are of these, however many requests there were. */
export class Tally {
  readonly #windows: number;
  readonly #places = new Map<string, Place>();

  constructor(windows: number) {
    this.#windows = windows;
  }

  addSamples(
    spot: Spot,
    signal: DistributionSignal,
    { slot, count, sum }: { slot: number; count: number; sum: number },
  ): void {
    const { distributions } = this.#countsAt(spot);
    const held = distributions.get(signal) ?? { counts: new Map<number, number>(), sum: 0 };
    distributions.set(signal, held);
    held.counts.set(slot, (held.counts.get(slot) ?? 0) + count);
    held.sum += sum;
  }

  addCategory(spot: Spot, signal: ShareSignal, category: string, count: number): void {
    const { shares } = this.#countsAt(spot);
    const held = shares.get(signal) ?? new Map<string, number>();
    shares.set(signal, held);
    const name = roomFor(held, category);
    held.set(name, (held.get(name) ?? 0) + count);
  }

  addMix(spot: Spot, fact: MixFact, category: string, cell: MixSum): void {
    const { mixes: facts } = this.#countsAt(spot);
    const held = facts.get(fact) ?? new Map<string, MixSum>();
    facts.set(fact, held);
    const name = roomFor(held, category);
    const before = held.get(name);
    held.set(name, before === undefined ? cell : addMixSums(before, cell));
  }

  distributions(tenantFloor: number): DistributionSeries[] {
    return this.#signals(({ distributions }) => distributions.keys()).flatMap((signal) =>
      this.#series(histograms, tenantFloor, ({ distributions }) => {
        const held = distributions.get(signal);
        return held === undefined ? null : histogramOf(signal, held);
      }).map((piece) => ({ ...piece, signal })),
    );
  }

  shares(tenantFloor: number): ShareSeries[] {
    return this.#signals(({ shares }) => shares.keys()).flatMap((signal) =>
      this.#series(categories, tenantFloor, ({ shares }) => recordOf(shares.get(signal))).map(
        (piece) => ({ ...piece, signal }),
      ),
    );
  }

  mixes(tenantFloor: number): MixSeries[] {
    return this.#signals(({ mixes: facts }) => facts.keys()).flatMap((fact) =>
      this.#series(mixes, tenantFloor, ({ mixes: facts }) => recordOf(facts.get(fact)))
        .filter(({ key }) => fact !== "tenant" || key.tenant === null)
        .map(({ key, windows }) => ({ key, fact, windows: windows.map(cellsOf) })),
    );
  }

  #countsAt({ key, window }: Spot): WindowCounts {
    const place = this.#placeOf(key);
    const held = place.windows[window] ?? {
      distributions: new Map(),
      shares: new Map(),
      mixes: new Map(),
    };
    place.windows[window] = held;
    return held;
  }

  #placeOf(key: SeriesKey): Place {
    const name = JSON.stringify([key.route, key.backend, key.tenant]);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    if (this.#places.size >= mostPlaces && key.tenant !== null)
      return this.#placeOf({ ...key, tenant: null });
    const place: Place = { key, windows: Array.from({ length: this.#windows }) };
    this.#places.set(name, place);
    return place;
  }

  /** Those that anything is known of. */
  #signals<Name>(names: (counts: WindowCounts) => Iterable<Name>): Name[] {
    const all = new Set<Name>();
    for (const { windows } of this.#places.values())
      for (const counts of windows) {
        if (counts === undefined) continue;
        for (const name of names(counts)) all.add(name);
      }
    return [...all];
  }

  #series<Value>(
    arithmetic: Arithmetic<Value>,
    floor: number,
    valueOf: (counts: WindowCounts) => Value | null,
  ): Piece<Value>[] {
    const pieces = [...this.#places.values()].map(({ key, windows }) => ({
      key,
      windows: Array.from(windows, (counts) => (counts === undefined ? null : valueOf(counts))),
    }));
    return withLargeTenants(pieces, floor, arithmetic);
  }
}

const roomFor = (held: ReadonlyMap<string, unknown>, category: string): string =>
  held.has(category) || held.size < mostCategories ? category : furtherCategories;

const recordOf = <Value>(
  held: ReadonlyMap<string, Value> | undefined,
): Readonly<Record<string, Value>> | null => (held === undefined ? null : Object.fromEntries(held));

const cellsOf = (
  cells: Readonly<Record<string, MixSum>> | null,
): Readonly<Record<string, MixCell>> | null =>
  cells === null
    ? null
    : Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cellOf(cell)]));

function cellOf({ count, sums }: MixSum): MixCell {
  const means: Partial<Record<DistributionSignal, number>> = {};
  for (const [signal, { count: samples, sum }] of Object.entries(sums))
    if (samples > 0) means[signal as DistributionSignal] = sum / samples;
  return { count, means };
}
