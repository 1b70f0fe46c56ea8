import { countOf, soundCount } from "../histogram.ts";
import type { MixFact, MixSeries, ShareSeries, Window } from "../series.ts";
import type { MixSum } from "./arithmetic.ts";
import { atOnce, queriesAtOnce } from "./at-once.ts";
import type { Sample } from "./prometheus-answer.ts";
import { fromNative } from "./prometheus-histograms.ts";
import { keyOf } from "./prometheus-keys.ts";
import {
  attemptMetrics,
  counterQuery,
  type HistogramMetric,
  histogramQueries,
  label,
  ofPlace,
} from "./prometheus-queries.ts";
import type { Asking } from "./prometheus-asking.ts";
import { inputLengths } from "./prometheus-lengths.ts";
import { type Spot, Tally } from "./tally.ts";
import { none } from "./what-counts.ts";

interface OfWindow {
  window: Window;
  matchers: readonly string[];
}

export async function sharesOf(asking: Asking, windows: readonly Window[]): Promise<ShareSeries[]> {
  const tally = new Tally(windows.length);
  await forEachWindow(asking, windows, async (task, index) => {
    await countErrors(asking, task, { tally, index });
    await countFallbacks(asking, task, { tally, index });
  });
  return tally.shares(asking.scope.tenantFloor);
}

export async function mixesOf(asking: Asking, windows: readonly Window[]): Promise<MixSeries[]> {
  const tally = new Tally(windows.length);
  await forEachWindow(asking, windows, async (task, index) => {
    await countModels(asking, task, { tally, index });
    for (const { key, category, count } of await inputLengths(asking, task))
      tally.addMix({ key, window: index }, "prompt_length", category, { count, sums: {} });
  });
  return tally.mixes(asking.scope.tenantFloor);
}

async function forEachWindow(
  { matchers }: Asking,
  windows: readonly Window[],
  act: (task: OfWindow, index: number) => Promise<void>,
): Promise<void> {
  const tasks = windows.flatMap((window, index) =>
    matchers.map((each) => ({ window, index, matchers: each })),
  );
  await atOnce(tasks, queriesAtOnce, ({ index, ...task }) => act(task, index));
}

interface Place {
  tally: Tally;
  index: number;
}

const spotOf = (sample: Sample, window: number): Spot | null => {
  const key = keyOf(sample);
  return key === null ? null : { key, window };
};

async function countErrors(asking: Asking, task: OfWindow, { tally, index }: Place): Promise<void> {
  const by = [...ofPlace, label.error];
  for (const { sample, count } of await attempts(asking, attemptMetrics.ended, { ...task, by })) {
    const spot = spotOf(sample, index);
    if (spot !== null) tally.addCategory(spot, "error", sample.labels[label.error] ?? none, count);
  }
}

/** Who did not fall back is not counted as such: it is whoever made a first attempt, less those who did. */
async function countFallbacks(
  { client, signal }: Asking,
  { window, matchers }: OfWindow,
  { tally, index }: Place,
): Promise<void> {
  const by = [label.route, label.backend];
  const at = { at: window.to, signal };
  const ofFirst = [...matchers, `${label.kind}="first"`];
  const firsts = counterQuery("switchyard_attempts_total", { by, matchers: ofFirst, window });
  const reasons = [...by, label.fallback];
  const gone = counterQuery("switchyard_fallbacks_total", { by: reasons, matchers, window });
  const stayed = new Map<string, { spot: Spot; count: number }>();
  for (const { spot, count } of countsOf(await client.query(firsts, at), index))
    stayed.set(JSON.stringify(spot.key), { spot, count });
  for (const { spot, count, labels } of countsOf(await client.query(gone, at), index)) {
    tally.addCategory(spot, "fallback", labels[label.fallback] ?? "unknown", count);
    const first = stayed.get(JSON.stringify(spot.key));
    if (first !== undefined) first.count -= count;
  }
  for (const { spot, count } of stayed.values())
    if (count > 0) tally.addCategory(spot, "fallback", none, count);
}

const countsOf = (samples: readonly Sample[], window: number) =>
  samples.flatMap(({ labels, value }) => {
    const key = keyOf({ labels });
    const count = soundCount(value ?? 0);
    return key === null || count === 0 ? [] : [{ spot: { key, window }, count, labels }];
  });

async function countModels(asking: Asking, task: OfWindow, { tally, index }: Place): Promise<void> {
  const by = [...ofPlace, label.model];
  const found = await attempts(asking, attemptMetrics.answered, { ...task, by });
  for (const { sample, count, sum } of found) {
    const spot = spotOf(sample, index);
    if (spot === null) continue;
    const cell: MixSum = { count, sums: { latency: { count, sum } } };
    const facts: [MixFact, string | null | undefined][] = [
      ["model", sample.labels[label.model]],
      ["tenant", spot.key.tenant],
    ];
    for (const [fact, category] of facts)
      if (category !== undefined && category !== null) tally.addMix(spot, fact, category, cell);
  }
}

interface Attempts {
  sample: Sample;
  count: number;
  /** Of their time, in seconds. */
  sum: number;
}

/** Numbers and times of attempts, of whichever form of the histogram holds more of them. */
async function attempts(
  { client, signal }: Asking,
  metric: HistogramMetric,
  { window, matchers, by }: OfWindow & { by: readonly string[] },
): Promise<Attempts[]> {
  const queries = histogramQueries(metric, { by, matchers, window });
  const at = { at: window.to, signal };
  const native = (await client.query(queries.native, at)).flatMap((sample) =>
    sample.histogram === null
      ? []
      : [{ sample, count: countOf(fromNative(sample.histogram)), sum: sample.histogram.sum }],
  );
  const counts = await client.query(queries.count, at);
  if (counts.length === 0) return native.filter(isSome);
  const sums = new Map(
    (await client.query(queries.sum, at)).map(({ labels, value }) => [placeOf(labels, by), value]),
  );
  const classic = counts.map((sample) => ({
    sample,
    count: sample.value ?? 0,
    sum: sums.get(placeOf(sample.labels, by)) ?? 0,
  }));
  return (totalOf(classic) > totalOf(native) ? classic : native).filter(isSome);
}

const isSome = ({ count }: Attempts): boolean => count > 0 && Number.isFinite(count);

const totalOf = (found: readonly Attempts[]): number =>
  found.reduce((sum, { count }) => sum + count, 0);

const placeOf = (labels: Sample["labels"], by: readonly string[]): string =>
  JSON.stringify(by.map((name) => labels[name] ?? null));
