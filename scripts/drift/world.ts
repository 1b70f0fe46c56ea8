import {
  look,
  type DistributionSeries,
  type RouteBounds,
  type SeriesFinding,
  type Window,
} from "../../src/drift/index.ts";
import { seededRandom, type Random } from "../../src/lib/index.ts";
import { classicBounds, drawHistogram, normal } from "./draw.ts";

export const day = 86_400_000;
/** 28 windows of reference and the three that are judged. */
export const usualDays = 31;

const bounds = { distancePercent: 8, p50Percent: 8, p95Percent: 15, floorPercent: null };
export const key = { route: "assistant", backend: "large", tenant: null };
export const watchedRoutes: ReadonlyMap<string, RouteBounds> = new Map([[key.route, bounds]]);

export const daysFrom = (first: number, count: number): Window[] =>
  Array.from({ length: count }, (_, index) => ({
    from: (first + index) * day,
    to: (first + index + 1) * day,
  }));

/** A month of one backend's latency. What is no drift: days differ, follow one another, and have weekends. */
export interface LatencyWorld {
  /** Requests a day; weekends have a part of it. */
  n: number;
  weekendTraffic: number;
  /** Of the logarithm of a request's latency. */
  sigma: number;
  /** Standard deviation of the logarithm of a day's median. */
  daySd: number;
  /** How much of a day's deviation the next one keeps. */
  inertia: number;
  /** By how much weekends are faster. */
  weekend: number;
  days: number;
  /** Bounds of a day's histogram. */
  boundsOf: (day: number) => readonly number[];
  /** What happens in the last days. */
  changedDays: number;
  factor: number;
  slowShare: number;
  /** A day of the reference on which all takes three times as long; null: none. */
  incident: number | null;
}

export const usualWorld: LatencyWorld = {
  n: 1_000,
  weekendTraffic: 1,
  sigma: 0.5,
  daySd: 0.03,
  inertia: 0.3,
  weekend: 0.05,
  days: usualDays,
  boundsOf: () => classicBounds,
  changedDays: 3,
  factor: 1,
  slowShare: 0,
  incident: null,
};

/** Between 0.8 and 1.6 s, so that the median lies anywhere within its bucket. */
const anyMedian = (random: Random): number => 0.8 * 2 ** random();

export function drawSeries(world: LatencyWorld, random: Random): DistributionSeries {
  const usual = anyMedian(random);
  // The week begins on any day.
  const monday = Math.floor(random() * 7);
  let deviation = normal(random);
  const windows = Array.from({ length: world.days }, (_, index) => {
    deviation = world.inertia * deviation + Math.sqrt(1 - world.inertia ** 2) * normal(random);
    const isWeekend = (index + monday) % 7 >= 5;
    const hasChanged = index >= world.days - world.changedDays;
    const median =
      usual *
      Math.exp(world.daySd * deviation) *
      (isWeekend ? 1 - world.weekend : 1) *
      (hasChanged ? world.factor : 1) *
      (index === world.incident ? 3 : 1);
    const n = Math.round(world.n * (isWeekend ? world.weekendTraffic : 1));
    const latency = { median, sigma: world.sigma, slowShare: hasChanged ? world.slowShare : 0 };
    return drawHistogram(latency, n, world.boundsOf(index), random);
  });
  return { key, signal: "latency", windows };
}

export function lookAtLatency(
  series: readonly DistributionSeries[],
  days: number,
): readonly SeriesFinding[] {
  const windows = daysFrom(20_000, days);
  return look({
    windows,
    bounds: watchedRoutes,
    distributions: series,
    shares: [],
    mixes: [],
    labels: [],
  }).series;
}

/** The share of worlds whose latency is found to have drifted. */
export function alarmRate(given: Partial<LatencyWorld>, runs: number, seed: number): number {
  const world = { ...usualWorld, ...given };
  const random = seededRandom(seed);
  let alarms = 0;
  for (let run = 0; run < runs; run += 1) {
    const [finding] = lookAtLatency([drawSeries(world, random)], world.days);
    if (finding?.state === "drifted") alarms += 1;
  }
  return alarms / runs;
}
