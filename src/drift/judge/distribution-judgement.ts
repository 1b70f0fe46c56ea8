import type { RouteBounds, SeriesFinding } from "../finding.ts";
import { scaleOf } from "../scale.ts";
import type { DistributionSeries, MixSeries, Window } from "../series.ts";
import type { Curve } from "../statistics/curve.ts";
import { placeHistogram } from "../statistics/placed-histogram.ts";
import { quantile } from "../statistics/quantile.ts";
import { guessCause } from "./cause.ts";
import { dateChange, type Finer } from "./date-change.ts";
import { judgeDistribution, type DistributionVerdict } from "./distribution.ts";
import { nothing, windowsSince, type Judgement } from "./judgement.ts";

/** What is known beside the series itself. */
export interface Beside {
  windows: readonly Window[];
  bounds: RouteBounds;
  /** Of the series' key. */
  mixes: readonly MixSeries[];
  finer: Finer | undefined;
  /** Since when it has drifted, by the look before; null where it had not. */
  standing: number | null;
}

export function distributionJudgement(
  series: DistributionSeries,
  { windows, bounds, mixes, finer, standing }: Beside,
): Judgement {
  const { key, signal } = series;
  const found = judgeDistribution(series, windows, bounds, standing);
  if ("missing" in found) return nothing(key, signal, newestCount(series), found.missing);
  const { verdict, statistic, history, scale } = found;
  const { exceeds } = verdict;
  const changedAt = exceeds ? (standing ?? dateChange(found, series, windows, finer)) : null;
  const after = windowsSince(history.judged, windows, changedAt);
  return {
    finding: {
      ...nothing(key, signal, Math.round(found.current.n), "").finding,
      statistic: statistic.name,
      score: scale.change(verdict.difference),
      threshold: scale.change(verdict.threshold),
      direction: verdict.direction,
      pValue: found.pValue,
      changedAt,
      cause: exceeds ? guessCause(mixes, signal, history.reference, after) : null,
      reference: summaryOf(found, found.reference),
      current: summaryOf(found, found.current),
    },
    exceeds,
    isCurrent: history.isCurrent,
    missing: null,
    isTested: true,
  };
}

function newestCount(series: DistributionSeries): number {
  const newest = series.windows.at(-1) ?? null;
  return newest === null ? 0 : Math.round(placeHistogram(newest, scaleOf(series.signal))?.n ?? 0);
}

function summaryOf({ scale }: DistributionVerdict, curve: Curve): SeriesFinding["reference"] {
  const at = (share: number) => scale.value(quantile(curve, share));
  return { p50: at(0.5), p95: at(0.95), share: null, n: Math.round(curve.n) };
}
