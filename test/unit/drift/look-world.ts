import {
  look,
  type AccuracyLabel,
  type DistributionSeries,
  type Histogram,
  type LookInput,
  type SeriesFinding,
  type ShareSeries,
} from "../../../src/drift/index.ts";
import type { Random } from "../../../src/lib/index.ts";
import { day, daysFrom, key, usualDays, watchedRoutes } from "../../../scripts/drift/world.ts";

export const windows = daysFrom(20_000, usualDays);
export const newestDay = (windows.at(-1)?.from ?? 0) as number;

export const lookAt = (given: Partial<LookInput>): readonly SeriesFinding[] =>
  look({
    windows,
    bounds: watchedRoutes,
    distributions: [],
    shares: [],
    mixes: [],
    labels: [],
    ...given,
  }).series;

/** The finding of the only series. */
export function lookAtOne(given: Partial<LookInput>): SeriesFinding {
  const [finding] = lookAt(given);
  if (finding === undefined) throw new Error("Nothing was found");
  return finding;
}

export const latencyOf = (histograms: readonly (Histogram | null)[]): DistributionSeries => ({
  key,
  signal: "latency",
  windows: histograms,
});

export const sharesOf = (
  signal: ShareSeries["signal"],
  counts: ShareSeries["windows"],
): ShareSeries => ({ key, signal, windows: counts });

/** So many labels in each window, right with a chance that hangs on the window. */
export function labelsOf(
  perDay: number,
  chanceOf: (window: number) => number,
  random: Random,
  given: Partial<AccuracyLabel> = {},
): AccuracyLabel[] {
  return windows.flatMap(({ from }, window) =>
    Array.from({ length: perDay }, (_, index) => ({
      key,
      ts: from + Math.floor((day * index) / perDay),
      score: random() < chanceOf(window) ? 1 : 0,
      source: "feedback" as const,
      promptId: `p${window}-${index}`,
      baselineScore: null,
      ...given,
    })),
  );
}
