import { countOf, type Histogram } from "../histogram.ts";
import type { DistributionSeries, SeriesKey, Window } from "../series.ts";
import { histograms } from "./arithmetic.ts";
import { atOnce, queriesAtOnce } from "./at-once.ts";
import { type Piece, withLargeTenants } from "./large-tenants.ts";
import type { Sample } from "./prometheus-answer.ts";
import { type ClassicBucket, fromClassic, fromNative } from "./prometheus-histograms.ts";
import { keyOf } from "./prometheus-keys.ts";
import {
  type HistogramMetric,
  histogramMetrics,
  histogramQueries,
  ofPlace,
} from "./prometheus-queries.ts";
import type { Asking } from "./prometheus-asking.ts";

type Signal = keyof typeof histogramMetrics;

export async function distributionsOf(
  asking: Asking,
  windows: readonly Window[],
): Promise<DistributionSeries[]> {
  const signals = Object.keys(histogramMetrics) as Signal[];
  const tasks = signals.flatMap((signal) =>
    windows.flatMap((window, index) =>
      asking.matchers.map((matchers) => ({ signal, window, index, matchers })),
    ),
  );
  const found = await atOnce(tasks, queriesAtOnce, async (task) => ({
    ...task,
    counted: await windowOf(asking, histogramMetrics[task.signal], task),
  }));
  return signals.flatMap((signal) => {
    const pieces = new Map<string, Piece<Histogram>>();
    for (const { counted, index } of found.filter((each) => each.signal === signal))
      addTo(pieces, counted, { index, windows: windows.length });
    return withLargeTenants(pieces.values(), asking.scope.tenantFloor, histograms).map((piece) => ({
      ...piece,
      signal,
    }));
  });
}

interface Counted {
  key: SeriesKey;
  histogram: Histogram;
}

function addTo(
  pieces: Map<string, Piece<Histogram>>,
  counted: readonly Counted[],
  { index, windows }: { index: number; windows: number },
): void {
  for (const { key, histogram } of counted) {
    const name = JSON.stringify(key);
    const piece = pieces.get(name) ?? { key, windows: Array.from({ length: windows }, () => null) };
    pieces.set(name, piece);
    const before = piece.windows[index] ?? null;
    piece.windows[index] = before === null ? histogram : histograms.add(before, histogram);
  }
}

/**
 * One window, of whichever form holds more of it: a store that changed from one to the other has both, and one that
 * takes routers' metrics on two ways has all of them twice.
 */
export async function windowOf(
  { client, signal }: Asking,
  metric: HistogramMetric,
  { window, matchers }: { window: Window; matchers: readonly string[] },
): Promise<Counted[]> {
  const queries = histogramQueries(metric, { by: ofPlace, matchers, window });
  const at = { at: window.to, signal };
  const native = nativeOf(await client.query(queries.native, at));
  const buckets = await client.query(queries.buckets, at);
  if (buckets.length === 0) return native;
  const classic = classicOf(buckets, await client.query(queries.sum, at));
  return totalOf(classic) > totalOf(native) ? classic : native;
}

const totalOf = (counted: readonly Counted[]): number =>
  counted.reduce((sum, { histogram }) => sum + countOf(histogram), 0);

const nativeOf = (samples: readonly Sample[]): Counted[] =>
  samples.flatMap((sample) => {
    const key = keyOf(sample);
    const { histogram } = sample;
    return key === null || histogram === null ? [] : [{ key, histogram: fromNative(histogram) }];
  });

function classicOf(buckets: readonly Sample[], sums: readonly Sample[]): Counted[] {
  const places = Map.groupBy(buckets, ({ labels }) => placeOf(labels));
  const sumOf = new Map(sums.map(({ labels, value }) => [placeOf(labels), value ?? 0]));
  return [...places.entries()].flatMap(([place, each]) => {
    const [first] = each;
    const key = first === undefined ? null : keyOf(first);
    if (key === null) return [];
    const totals = each.flatMap(bucketOf);
    return [{ key, histogram: fromClassic(totals, sumOf.get(place) ?? 0) }];
  });
}

const placeOf = (labels: Sample["labels"]): string =>
  JSON.stringify(ofPlace.map((name) => labels[name] ?? null));

/** Nothing of a bound that is no number. */
function bucketOf({ labels, value }: Sample): ClassicBucket[] {
  const le = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
  return Number.isNaN(le) || value === null ? [] : [{ le, count: value }];
}
