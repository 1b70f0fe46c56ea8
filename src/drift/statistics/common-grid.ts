import type { PlacedHistogram } from "./placed-histogram.ts";

/** Bounds that were reckoned in two ways differ by rounding. */
const rounding = 1e-9;

/**
 * The places at which histograms with differing bounds can be compared without favour: those of the
 * coarsest where it holds anything, of the next where only that does, and so on. Were each interpolated
 * by its own, the same requests counted in other buckets would look like drift. It has an end more
 * on either side, a bucket further, for what lies beyond.
 *
 * @returns null where no bound lies where all can tell
 */
export function commonGrid(histograms: readonly PlacedHistogram[]): Float64Array | null {
  const from = Math.max(...histograms.map(knownFrom));
  const to = Math.min(...histograms.map(knownTo));
  const places = (hasOneLayout(histograms) ? trimmed(histograms) : layered(histograms)).filter(
    (place) => place >= from && place <= to,
  );
  return places.length === 0 ? null : withEnds(places);
}

/** Below its first bound a histogram tells nothing, unless nothing lies there; likewise above its last. */
const knownFrom = ({ places, counts }: PlacedHistogram): number =>
  (counts[0] ?? 0) > 0 ? (places[0] ?? 0) : Number.NEGATIVE_INFINITY;

const knownTo = ({ places, counts }: PlacedHistogram): number =>
  (counts.at(-1) ?? 0) > 0 ? (places.at(-1) ?? 0) : Number.POSITIVE_INFINITY;

function hasOneLayout(histograms: readonly PlacedHistogram[]): boolean {
  const first = histograms[0]?.places ?? [];
  return histograms.every(
    ({ places }) =>
      places.length === first.length && places.every((place, index) => place === first[index]),
  );
}

/** Bounds that all share, less those beyond what any holds: they divide nothing. */
function trimmed(histograms: readonly PlacedHistogram[]): readonly number[] {
  const places = histograms[0]?.places ?? [];
  const first = Math.min(...histograms.map(({ counts }) => counts.findIndex((count) => count > 0)));
  const last = Math.max(
    ...histograms.map(({ counts }) => counts.findLastIndex((count) => count > 0)),
  );
  return places.slice(Math.max(0, first - 1), last + 1);
}

interface Bucket {
  from: number;
  to: number;
}

/** Inner buckets that hold something. */
const filled = ({ places, counts }: PlacedHistogram): Bucket[] =>
  places.flatMap((to, index) => {
    const from = places[index - 1];
    return from === undefined || (counts[index] ?? 0) === 0 ? [] : [{ from, to }];
  });

/** How wide the bucket of an average value is. */
function width({ places, counts, n }: PlacedHistogram): number {
  let sum = 0;
  for (let index = 1; index < places.length; index += 1)
    sum += (counts[index] ?? 0) * ((places[index] ?? 0) - (places[index - 1] ?? 0));
  return sum / n;
}

function layered(histograms: readonly PlacedHistogram[]): readonly number[] {
  const coarsestFirst = histograms
    .map((histogram) => ({
      buckets: filled(histogram),
      ends: outer(histogram),
      width: width(histogram),
    }))
    .toSorted((left, right) => right.width - left.width);
  let places: readonly number[] = [];
  let covered: readonly Bucket[] = [];
  for (const { buckets, ends } of coarsestFirst) {
    const own = [...ends, ...buckets.flatMap(({ from, to }) => [from, to])];
    const added = own.filter((place) => !isWithin(covered, place));
    places = distinct([...places, ...added]);
    covered = merged([...covered, ...buckets]);
  }
  return places;
}

/** Where something lies below the first bound or above the last, these count although no bucket is there. */
function outer({ places, counts }: PlacedHistogram): number[] {
  const below = (counts[0] ?? 0) > 0 ? places.slice(0, 1) : [];
  return [...below, ...((counts.at(-1) ?? 0) > 0 ? places.slice(-1) : [])];
}

function distinct(places: readonly number[]): readonly number[] {
  const ascending = places.toSorted((left, right) => left - right);
  return ascending.filter(
    (place, index) => index === 0 || place - (ascending[index - 1] ?? 0) > rounding,
  );
}

/** Ascending, and no two that overlap. */
function merged(buckets: readonly Bucket[]): readonly Bucket[] {
  const ascending = buckets.toSorted((left, right) => left.from - right.from);
  const kept: Bucket[] = [];
  for (const bucket of ascending) {
    const last = kept.at(-1);
    const overlaps = last !== undefined && bucket.from < last.to - rounding;
    if (!overlaps) kept.push(bucket);
    else if (bucket.to > last.to) kept[kept.length - 1] = { from: last.from, to: bucket.to };
  }
  return kept;
}

/** Whether a place lies strictly within one of ascending buckets. */
function isWithin(buckets: readonly Bucket[], place: number): boolean {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle]?.to ?? 0) > place + rounding) high = middle;
    else low = middle + 1;
  }
  return (buckets[low]?.from ?? Number.POSITIVE_INFINITY) < place - rounding;
}

function withEnds(places: readonly number[]): Float64Array {
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? 0;
  const lowest = first - ((places[1] ?? first + Math.LN2) - first);
  const highest = last + (last - (places.at(-2) ?? last - Math.LN2));
  return Float64Array.of(lowest, ...places, highest);
}
