import type { SeriesKey, Window } from "../series.ts";
import { windowOf } from "./prometheus-distributions.ts";
import { histogramMetrics } from "./prometheus-queries.ts";
import type { Asking } from "./prometheus-asking.ts";
import { promptBand } from "./what-counts.ts";

/** How many prompts of each band of length there were: buckets end where bands do. */
export async function inputLengths(
  asking: Asking,
  task: { window: Window; matchers: readonly string[] },
): Promise<{ key: SeriesKey; category: string; count: number }[]> {
  const counted = await windowOf(asking, histogramMetrics.input_tokens, task);
  return counted.flatMap(({ key, histogram }) =>
    histogram.counts.flatMap((count, index) =>
      count > 0 ? [{ key, category: promptBand(endOf(histogram.bounds[index])), count }] : [],
    ),
  );
}

/** Of a native histogram a bound is a power, and not exactly the number that it stands for. */
const endOf = (bound: number | undefined): number =>
  bound === undefined ? Infinity : bound * (1 - 1e-9);
