import type { RouteBounds } from "../finding.ts";
import { scaleOf, type Scale } from "../scale.ts";
import type { DistributionSeries, Window } from "../series.ts";
import { cumulate, curveOf, type Curve } from "../statistics/curve.ts";
import { commonGrid } from "../statistics/common-grid.ts";
import { placeHistogram, type PlacedHistogram } from "../statistics/placed-histogram.ts";
import { splitHistory, type History, type Missing } from "./history.ts";
import { addUp, pairWindows, type Pairing, type Sums } from "./pairing.ts";
import { tailFor, thresholdFor, type Spread } from "./spread.ts";
import { statisticsOf, type Statistic } from "./statistics.ts";
import { ratio, settle, type Measured, type Verdict } from "./verdict.ts";

/** What became of one series of histograms. */
export interface DistributionVerdict {
  statistic: Statistic;
  verdict: Verdict;
  /** Of all statistics together. */
  pValue: number;
  history: History;
  /** Of each window of the history. */
  curves: ReadonlyMap<number, Curve>;
  reference: Curve;
  /** Of the windows that were judged, together. */
  current: Curve;
  scale: Scale;
}

/** Half of all requests in the same outer bucket: nothing is known of how far out they are. */
const mostBeyond = 0.5;
/** Nearly all in one bucket: what moves within it cannot be seen, and is not called ok. */
const mostInOne = 0.95;

export function judgeDistribution(
  series: DistributionSeries,
  windows: readonly Window[],
  bounds: RouteBounds,
  changedAt: number | null,
): DistributionVerdict | Missing {
  const scale = scaleOf(series.signal);
  const placed = windows.map((_, index) => {
    const histogram = series.windows[index] ?? null;
    return histogram === null ? null : placeHistogram(histogram, scale);
  });
  const samples = placed.map((one) => one?.n ?? 0);
  const split = splitHistory(windows, samples, changedAt);
  if ("missing" in split) return split;
  const gridded = onOneGrid(placed, [...split.reference, ...split.judged]);
  if (gridded === null)
    return { missing: "the windows' histograms have no bounds in common: nothing can be compared" };
  const { grid, sums } = gridded;
  const tolerance = scale.distance(bounds.distancePercent / 100);
  const pairing = pairWindows(windows, split, sums, grid, tolerance);
  const current = curveOf(grid, addUp(split.judged, sums, grid.length));
  const blind = blindness(pairing.whole);
  if (blind !== null && blindness(current) !== null) return { missing: blind };
  return {
    ...gravestOf(statisticsOf(scale, bounds), pairing),
    history: pairing.history,
    curves: new Map([...sums].map(([index, own]) => [index, curveOf(grid, own)])),
    reference: pairing.whole,
    current,
    scale,
  };
}

function onOneGrid(
  placed: readonly (PlacedHistogram | null)[],
  used: readonly number[],
): { grid: Float64Array; sums: Sums } | null {
  const known = used.flatMap((index) => {
    const one = placed[index] ?? null;
    return one === null ? [] : [{ index, one }];
  });
  const grid = commonGrid(known.map(({ one }) => one));
  if (grid === null) return null;
  return { grid, sums: new Map(known.map(({ index, one }) => [index, cumulate(one, grid)])) };
}

/** Why a change would not show in these buckets; null where it would. */
function blindness({ shares }: Curve): string | null {
  const isOutside = (shares[1] ?? 0) > mostBeyond || 1 - (shares.at(-2) ?? 1) > mostBeyond;
  if (isOutside)
    return "half of all values lie outside of the histogram's bounds, where nothing can be told apart";
  const fullest = shares.reduce(
    (most, share, index) => Math.max(most, share - (shares[index - 1] ?? 0)),
    0,
  );
  return fullest > mostInOne
    ? "one bucket of the histogram holds nearly all values, so that nothing can be told apart"
    : null;
}

function gravestOf(
  statistics: readonly Statistic[],
  pairing: Pairing,
): Pick<DistributionVerdict, "statistic" | "verdict" | "pValue"> {
  const verdicts = statistics.map((statistic) => ({
    statistic,
    verdict: settle(measure(statistic, pairing)),
  }));
  const gravest = verdicts.reduce((most, one) =>
    ratio(one.verdict) > ratio(most.verdict) ? one : most,
  );
  const least = Math.min(...verdicts.map(({ verdict }) => verdict.pValue));
  return { ...gravest, pValue: Math.min(1, verdicts.length * least) };
}

function measure(
  { compare, noise, tolerance, bothWays }: Statistic,
  { reference, judged, whole }: Pairing,
): Measured[] {
  const spread: Spread = {
    differences: reference.map(({ window, others }) => Math.abs(compare(window, others))),
    samples: reference.map(({ window }) => window.n),
    noise: noise(whole),
  };
  return judged.map(({ window, others }) => {
    const signed = compare(window, others);
    const difference = bothWays ? Math.abs(signed) : Math.max(0, signed);
    return {
      difference,
      threshold: thresholdFor(spread, window.n, tolerance),
      pValue: difference > 0 ? tailFor(spread, window.n, difference) : 1,
      direction: signed >= 0 ? "up" : "down",
    };
  });
}
