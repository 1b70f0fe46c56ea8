import { curveOf, distanceBetween, meanPlace, type Curve } from "../statistics/curve.ts";
import type { Window } from "../series.ts";
import type { History } from "./history.ts";
import { standingOut } from "./outliers.ts";
import { alikeByWeekday } from "./weekdays.ts";

/** A window beside all that it is compared with, itself left out. */
export interface Pair {
  window: Curve;
  others: Curve;
}

export interface Pairing {
  /** As given, less the days of incidents. */
  history: History;
  reference: readonly Pair[];
  judged: readonly Pair[];
  /** Of all reference windows together. */
  whole: Curve;
}

/** Cumulative counts by place of each window, which add up and can be taken away again. */
export type Sums = ReadonlyMap<number, Float64Array>;

/** @param tolerance as a distance, below which no window of the reference stands out */
export function pairWindows(
  windows: readonly Window[],
  given: History,
  sums: Sums,
  grid: Float64Array,
  tolerance: number,
): Pairing {
  const curve = (index: number): Curve => curveOf(grid, sumsAt(sums, index));
  const pairer =
    (reference: readonly number[], total = addUp(reference, sums, grid.length)) =>
    (index: number): Pair => {
      const isPart = reference.includes(index);
      const rest = isPart ? takeAway(total, sumsAt(sums, index)) : total;
      return { window: curve(index), others: curveOf(grid, rest) };
    };
  const plain = given.reference.map(pairer(given.reference));
  const outliers = standingOut(
    plain.map(({ window, others }) => distanceBetween(window, others)),
    tolerance,
  );
  const reference = given.reference.filter((_, place) => !outliers.has(place));
  const means = reference.map((index) => meanPlace(curve(index)));
  const alike = alikeByWeekday(windows, reference, given.judged, means);
  const pairers = new Map<readonly number[], (index: number) => Pair>();
  const pairOf = (index: number): Pair => {
    const group = alike(index);
    const known = pairers.get(group) ?? pairer(group);
    pairers.set(group, known);
    return known(index);
  };
  return {
    history: { ...given, reference },
    reference: reference.map(pairOf),
    judged: given.judged.map(pairOf),
    whole: curveOf(grid, addUp(reference, sums, grid.length)),
  };
}

function sumsAt(sums: Sums, index: number): Float64Array {
  const own = sums.get(index);
  if (own === undefined) throw new RangeError(`Window ${index} has no counts`);
  return own;
}

export function addUp(windows: readonly number[], sums: Sums, length: number): Float64Array {
  const total = new Float64Array(length);
  for (const window of windows) {
    const own = sumsAt(sums, window);
    for (let index = 0; index < length; index += 1)
      total[index] = (total[index] ?? 0) + (own[index] ?? 0);
  }
  return total;
}

const takeAway = (total: Float64Array, part: Float64Array): Float64Array =>
  total.map((sum, index) => Math.max(0, sum - (part[index] ?? 0)));
