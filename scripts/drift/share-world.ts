import { look, type ShareSeries } from "../../src/drift/index.ts";
import { seededRandom, type Random } from "../../src/lib/index.ts";
import { drawHits, normal } from "./draw.ts";
import { daysFrom, key, usualDays, watchedRoutes } from "./world.ts";

/** A share of requests that differs from day to day by more than chance. */
export interface ShareWorld {
  n: number;
  share: number;
  /** Standard deviation of the logarithm of a day's share. */
  daySd: number;
  /** By what the share of the last three days is multiplied. */
  factor: number;
}

export interface ShareRates {
  /** Of a look as it is. */
  found: number;
  /** Of a plain chi² of the last day against those before, at 1 in 1,000: what would be found by that. */
  byChiSquare: number;
}

/** Of one degree of freedom, exceeded by chance one time in a thousand. */
const chiSquareLimit = 10.83;

export function shareRates(world: ShareWorld, runs: number, seed: number): ShareRates {
  const random = seededRandom(seed);
  let found = 0;
  let byChiSquare = 0;
  for (let run = 0; run < runs; run += 1) {
    const hits = Array.from({ length: usualDays }, (_, index) => drawDay(world, index, random));
    if (isFound(world.n, hits)) found += 1;
    if (chiSquare(world.n, hits) > chiSquareLimit) byChiSquare += 1;
  }
  return { found: found / runs, byChiSquare: byChiSquare / runs };
}

function drawDay({ n, share, daySd, factor }: ShareWorld, index: number, random: Random): number {
  const changed = index >= usualDays - 3 ? factor : 1;
  return drawHits(n, Math.min(1, share * changed * Math.exp(daySd * normal(random))), random);
}

function isFound(n: number, hits: readonly number[]): boolean {
  const series: ShareSeries = {
    key,
    signal: "error",
    windows: hits.map((failed) => ({ none: n - failed, throttled: failed })),
  };
  const { series: findings } = look({
    windows: daysFrom(20_000, usualDays),
    bounds: watchedRoutes,
    distributions: [],
    shares: [series],
    mixes: [],
    labels: [],
  });
  return findings[0]?.state === "drifted";
}

function chiSquare(n: number, hits: readonly number[]): number {
  const today = hits.at(-1) ?? 0;
  const before = hits.slice(0, -3).reduce((sum, count) => sum + count, 0);
  const total = n * (hits.length - 3);
  const pooled = (today + before) / (n + total);
  const variance = pooled * (1 - pooled) * (1 / n + 1 / total);
  return variance > 0 ? (today / n - before / total) ** 2 / variance : 0;
}
