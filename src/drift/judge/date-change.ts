import { scaleOf } from "../scale.ts";
import type { DistributionSeries, Window } from "../series.ts";
import { cumulate, curveOf } from "../statistics/curve.ts";
import { commonGrid } from "../statistics/common-grid.ts";
import { placeHistogram } from "../statistics/placed-histogram.ts";
import { changePoint, type Dated } from "./change-point.ts";
import type { DistributionVerdict } from "./distribution.ts";
import { addUp } from "./pairing.ts";

/** The same signals by shorter windows, such as hours of the last week. */
export interface Finer {
  windows: readonly Window[];
  distributions: readonly DistributionSeries[];
}

/** Of a shorter window, to be worth a look. */
const fewestSamples = 20;

/**
 * When a series that has drifted did so: to the window, and to the shorter window where there are some
 * around that one.
 */
export function dateChange(
  found: DistributionVerdict,
  series: DistributionSeries,
  windows: readonly Window[],
  finer: Finer | undefined,
): number | null {
  const { history, curves, statistic, reference } = found;
  const dated = [...history.reference, ...history.judged].flatMap((index): Dated[] => {
    const curve = curves.get(index);
    const from = windows[index]?.from;
    if (curve === undefined || from === undefined) return [];
    return [{ from, value: statistic.compare(curve, reference) }];
  });
  const coarse = changePoint(dated);
  const own = finer?.distributions.find((one) => isSame(one, series));
  const newest = windows.at(-1);
  if (coarse === null || finer === undefined || own === undefined || newest === undefined)
    return coarse;
  const length = newest.to - newest.from;
  const around = { from: coarse - length, to: coarse + 2 * length };
  return dateWithin(found, own, finer.windows, around) ?? coarse;
}

const isSame = (left: DistributionSeries, right: DistributionSeries): boolean =>
  left.signal === right.signal &&
  left.key.route === right.key.route &&
  left.key.backend === right.key.backend &&
  left.key.tenant === right.key.tenant;

function dateWithin(
  { statistic }: DistributionVerdict,
  series: DistributionSeries,
  windows: readonly Window[],
  around: Window,
): number | null {
  const scale = scaleOf(series.signal);
  const placed = windows.flatMap(({ from, to }, index) => {
    const histogram = series.windows[index] ?? null;
    if (histogram === null || from < around.from || to > around.to) return [];
    const one = placeHistogram(histogram, scale);
    return one === null || one.n < fewestSamples ? [] : [{ from, one }];
  });
  const grid = commonGrid(placed.map(({ one }) => one));
  if (grid === null || placed.length < 2) return null;
  const sums = new Map(placed.map(({ one }, place) => [place, cumulate(one, grid)]));
  const whole = curveOf(grid, addUp([...sums.keys()], sums, grid.length));
  return changePoint(
    placed.map(({ from }, place) => ({
      from,
      value: statistic.compare(curveOf(grid, sums.get(place) ?? whole.shares), whole),
    })),
  );
}
