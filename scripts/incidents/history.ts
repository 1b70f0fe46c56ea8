import { metrics, prometheusName, type MetricName } from "../../src/telemetry/index.ts";
import type { Sample } from "./exposition.ts";

/** What a target says at a time, in milliseconds since the epoch. */
export interface Scrape {
  at: number;
  samples: readonly Sample[];
}

interface HistoryOrder {
  /** Two looks at a target under the load that it has had all the time. */
  first: Scrape;
  second: Scrape;
  /** Milliseconds since the epoch; `to` is when the target began to run as it does now. */
  from: number;
  to: number;
  stepMs: number;
  /** What the scraping Prometheus adds, such as job and instance. */
  targetLabels: Readonly<Record<string, string>>;
}

/**
 * The hour before a target was started, as it would have been had another process run in its place under the same
 * load: each counter climbs as steeply as it did between the two looks and ends where that process did. The
 * one that follows begins at nought, which `rate()` takes for what it is, a restart. Sums that may fall climb
 * towards nought instead, since nobody can tell their restart from a fall. Gauges stand as they do now.
 *
 * @returns OpenMetrics lines without the end, a series' samples one after the other
 */
export function historyOf({ first, second, from, to, stepMs, targetLabels }: HistoryOrder): string {
  const before = new Map(first.samples.map((each) => [keyOf(each), each.value]));
  const seconds = (second.at - first.at) / 1_000;
  const added = Object.entries(targetLabels).map(([name, value]) => `${name}="${value}"`);
  let text = "";
  for (const sample of second.samples) {
    const old =
      before.get(keyOf(sample)) ??
      (isCumulative(sample) || sums.has(sample.name) ? 0 : sample.value);
    const perSecond = (sample.value - old) / seconds;
    const labels = [sample.labels, ...added].filter((each) => each !== "").join(",");
    const series = `${sample.name}{${labels}}`;
    const valueAt = valueOver(sample, old, perSecond, (to - from) / 1_000);
    for (let at = from; at <= to; at += stepMs)
      text += `${series} ${valueAt((at - from) / 1_000)} ${(at / 1_000).toFixed(3)}\n`;
  }
  return text;
}

const keyOf = ({ name, labels }: Sample): string => `${name}{${labels}}`;

const isCumulative = ({ type }: Sample): boolean => type === "counter" || type === "histogram";

/** In text they are gauges like others. */
const sums = new Set(
  (Object.keys(metrics) as MetricName[])
    .filter((name) => metrics[name].kind === "updowncounter")
    .map((name) => prometheusName(name)),
);

function valueOver(sample: Sample, old: number, perSecond: number, seconds: number) {
  if (sums.has(sample.name)) return (at: number) => perSecond * (at - seconds);
  if (!isCumulative(sample)) return () => sample.value;
  const counts = Number.isInteger(sample.value) && Number.isInteger(old);
  return (at: number) => (counts ? Math.floor(perSecond * at) : perSecond * at);
}
