import type { RouteBounds } from "../finding.ts";
import type { Scale } from "../scale.ts";
import { distanceBetween, distanceNoise, meanPlace, type Curve } from "../statistics/curve.ts";
import { quantile, quantileNoise } from "../statistics/quantile.ts";

export type DistributionStatistic = "distance" | "p50" | "p95";

/** How far a window's distribution lies from that of others, in units of the scale's places. */
export interface Statistic {
  name: DistributionStatistic;
  /** What the route's owner tolerates. */
  tolerance: number;
  /** Below 0 where the window lies on the other side. */
  compare: (window: Curve, others: Curve) => number;
  /** Of one sample by chance; of n it is this / √n. */
  noise: (others: Curve) => number;
  /** Whether the other side counts as well. */
  bothWays: boolean;
}

/** The slowest tenth: a tail that grows moves P97 and P99 further than P95, and chance moves five points no more than one. */
const tail = [0.91, 0.93, 0.95, 0.97, 0.99] as const;

export function statisticsOf(scale: Scale, bounds: RouteBounds): readonly Statistic[] {
  const isUpWorse = scale.worse === "up";
  const slowest = (curve: Curve): number =>
    tail.reduce((sum, share) => sum + quantile(curve, isUpWorse ? share : 1 - share), 0) /
    tail.length;
  const ends = { p50: 0.5, p95: isUpWorse ? 0.95 : 0.05 };
  const sign = isUpWorse ? 1 : -1;
  return [
    {
      name: "distance",
      tolerance: scale.distance(bounds.distancePercent / 100),
      compare: (window, others) =>
        distanceBetween(window, others) * (meanPlace(window) < meanPlace(others) ? -1 : 1),
      noise: distanceNoise,
      bothWays: true,
    },
    {
      name: "p50",
      tolerance: scale.distance(bounds.p50Percent / 100),
      compare: (window, others) => sign * (quantile(window, ends.p50) - quantile(others, ends.p50)),
      noise: (others) => quantileNoise(others, ends.p50),
      bothWays: false,
    },
    {
      name: "p95",
      tolerance: scale.distance(bounds.p95Percent / 100),
      compare: (window, others) => sign * (slowest(window) - slowest(others)),
      noise: (others) => quantileNoise(others, ends.p95),
      bothWays: false,
    },
  ];
}
