import { fisherTail } from "../statistics/tail-probability.ts";
import type { Window } from "../series.ts";

const week = 7 * 86_400_000;
/** Of each time of the week, before windows are compared with their like alone. */
const fewestAlike = 3;
const certain = 0.001;

/** The windows of a reference that one window is compared with. */
export type Alike = (window: number) => readonly number[];

const phaseOf = (window: Window | undefined): number => (window?.from ?? 0) % week;

/**
 * Whether the time of the week tells how a window comes out, so surely that its like of other weeks
 * are the better reference: four Saturdays differ less from a fifth than from the days between, but
 * say less than 28 days where days are all the same.
 *
 * @param values of each reference window, such as its mean place
 */
export function alikeByWeekday(
  windows: readonly Window[],
  reference: readonly number[],
  judged: readonly number[],
  values: readonly number[],
): Alike {
  const groups = Map.groupBy(reference, (index) => phaseOf(windows[index]));
  const all: Alike = () => reference;
  const isThin = [...groups.values()].some((group) => group.length < fewestAlike);
  const isKnown = judged.every((index) => groups.has(phaseOf(windows[index])));
  if (groups.size < 2 || isThin || !isKnown) return all;
  const valueOf = new Map(reference.map((index, place) => [index, values[place] ?? 0]));
  const tail = weekdayTail(
    [...groups.values()].map((group) => group.map((index) => valueOf.get(index) ?? 0)),
  );
  return tail < certain ? (window) => groups.get(phaseOf(windows[window])) ?? reference : all;
}

/** The analysis of variance of one factor. */
function weekdayTail(groups: readonly (readonly number[])[]): number {
  const meanOf = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const all = groups.flat();
  const mean = meanOf(all);
  let between = 0;
  let within = 0;
  for (const group of groups) {
    const own = meanOf(group);
    between += group.length * (own - mean) ** 2;
    for (const value of group) within += (value - own) ** 2;
  }
  const above = groups.length - 1;
  const below = all.length - groups.length;
  if (!(within > 0)) return between > 0 ? 0 : 1;
  return fisherTail(between / above / (within / below), above, below);
}
