import { err, ok, type Result } from "../lib/index.ts";
import type { DriftReport } from "../table/index.ts";
import type { DriftFindings, SeriesFinding } from "./finding.ts";
import type { HistogramSource } from "./histogram-source.ts";
import type { Finer } from "./judge/date-change.ts";
import { fewestReference, fewestSamples } from "./judge/history.ts";
import { look, type LookInput } from "./look.ts";
import { buildReport, type WatchedRoute } from "./report/build-report.ts";
import { reportPage } from "./report/page.ts";
import { withoutRecovered } from "./report/pin.ts";
import { minute } from "./report/plots.ts";
import type { AccuracyLabel, Window } from "./series.ts";

export interface DriftOrder {
  /** When the newest window ends, in milliseconds since the epoch. */
  at: number;
  /** Length of a window. */
  windowMs: number;
  routes: readonly WatchedRoute[];
  source: HistogramSource;
  /** Where labels are, if not in `source`: records beside metrics. */
  labelSource?: HistogramSource | undefined;
  /** Answers that were judged just now, and may not be in any store. */
  freshLabels: readonly AccuracyLabel[];
  /** The last run's report; null: there is none. */
  previous: DriftReport | null;
  /** What whoever orders could not do, each as a sentence. */
  missing: readonly string[];
  /** Of namespace and class, for the head of the page. */
  title: string;
  signal: AbortSignal;
}

export interface DriftRun {
  report: DriftReport;
  /** The report as a page for people, that needs nothing from anywhere. */
  page: string;
}

/** Four weeks to compare with, and the days that are judged. */
const windowCount = 31;
/** Of labels that come seldom: twice the longest time that accuracy is watched. */
const labelWindowCount = 59;
/** Hours of the last week tell when a change began. */
const finerCount = 7 * 24;

/** One look at the routes. @returns why it could not look, as a sentence */
export async function runDrift(order: DriftOrder): Promise<Result<DriftRun, string>> {
  const { at, windowMs, source, signal, previous } = order;
  const windows = windowsUntil(at, windowMs, windowCount);
  const since = await source.since(signal);
  if (!since.ok) return since;
  if (since.value === null || since.value >= at)
    return err(`${source.name} holds nothing from before ${new Date(at).toISOString()}`);
  const distributions = await source.distributions(windows, signal);
  if (!distributions.ok) return distributions;
  const missing = [...order.missing, ...reachOf(since.value, windows, source)];
  const optional = async <Value>(asked: Promise<Result<readonly Value[], string>>) => {
    const got = await asked;
    if (!got.ok) missing.push(got.error);
    return got.ok ? got.value : [];
  };
  const series = {
    distributions: distributions.value,
    shares: await optional(source.shares(windows, signal)),
    mixes: await optional(source.mixes(windows, signal)),
    labels: await allLabels(order, windows, optional),
  };
  if (signal.aborted) return err("There was no more time: the look was broken off");
  const input = {
    windows,
    bounds: new Map(order.routes.map(({ name, bounds }) => [name, bounds])),
    ...series,
    labels: withoutRecovered(series.labels, previous),
    previous: Object.values(previous?.routes ?? {}).flatMap((route) => route.series),
  };
  const older = await olderLabels(look(input), order, series.labels);
  // Days that a pin has recovered from are as little evidence among two months of labels as among one.
  const whole =
    older === null
      ? input
      : { ...input, ...older, labels: withoutRecovered(older.labels, previous) };
  const first = look(whole);
  const finer = await finerOf(first, order, windows);
  const findings = finer === null ? first : look({ ...whole, finer });
  const told = { ...order, windows, findings, missing, source: source.name };
  const report = buildReport({
    ...told,
    distributions: series.distributions,
    labels: series.labels,
  });
  const page = reportPage({ title: order.title, report, windows, ...series });
  return ok({ report, page });
}

function windowsUntil(at: number, windowMs: number, count: number): Window[] {
  return Array.from({ length: count }, (_, index) => {
    const to = at - (count - 1 - index) * windowMs;
    return { from: to - windowMs, to };
  });
}

function reachOf(since: number, windows: readonly Window[], source: HistogramSource): string[] {
  const known = windows.filter(({ to }) => to > since).length;
  const cannot = [...source.cannot].map(([what, why]) => `${what}: ${why}`);
  if (known === windows.length) return cannot;
  const reach = `Of the ${windows.length} windows ${known === 1 ? "the newest alone is" : `${known} are`} known: ${source.name} has nothing from before ${minute(since)}.`;
  const needed = fewestReference + 1;
  if (known >= needed) return [reach, ...cannot];
  const lengthMs = (windows.at(-1)?.to ?? 0) - (windows.at(-1)?.from ?? 0);
  const wait = `Latency, tokens, cost and shares can be judged from ${minute(since + needed * lengthMs)} on at the earliest: that takes ${needed} windows of at least ${fewestSamples} requests each.`;
  return [reach, wait, ...cannot];
}

type Optional = <Value>(
  asked: Promise<Result<readonly Value[], string>>,
) => Promise<readonly Value[]>;

/** The newest run's labels may be in the store by now: none counts twice. */
async function allLabels(
  { source, labelSource, freshLabels, signal }: DriftOrder,
  windows: readonly Window[],
  optional: Optional,
): Promise<readonly AccuracyLabel[]> {
  const range = { from: windows[0]?.from ?? 0, to: windows.at(-1)?.to ?? 0 };
  const kept = await optional((labelSource ?? source).labels(range, signal));
  const known = new Set(kept.map(nameOf));
  return [...kept, ...freshLabels.filter((label) => !known.has(nameOf(label)))];
}

/** Asked for where labels are too few: those of a month cost enough to read where they are many. */
async function olderLabels(
  { series }: DriftFindings,
  { at, windowMs, source, labelSource = source, signal }: DriftOrder,
  labels: readonly AccuracyLabel[],
): Promise<Pick<LookInput, "labels" | "labelWindows"> | null> {
  if (labels.length === 0 || !series.some(isUnjudged)) return null;
  const since = await labelSource.since(signal);
  if (!since.ok || since.value === null) return null;
  const from = since.value;
  const all = windowsUntil(at, windowMs, labelWindowCount).filter(({ to }) => to > from);
  const [oldest] = all;
  const [next] = all.slice(-windowCount);
  if (oldest === undefined || next === undefined || oldest === next) return null;
  const asked = await labelSource.labels({ from: oldest.from, to: next.from }, signal);
  return asked.ok ? { labels: [...asked.value, ...labels], labelWindows: all } : null;
}

/** Where nobody has judged the answers often enough. */
const isUnjudged = ({ signal, source }: SeriesFinding): boolean =>
  signal === "accuracy" && (source === null || source === "confidence");

const nameOf = ({ key, ts, promptId, source }: AccuracyLabel): string =>
  JSON.stringify([key.route, key.backend, ts, promptId, source]);

/** Asked for where something has drifted: hours cost as much as all the days. */
async function finerOf(
  { series }: DriftFindings,
  { source, signal, windowMs }: DriftOrder,
  windows: readonly Window[],
): Promise<Finer | null> {
  const isMoved = series.some(
    ({ state, signal: own }) => state === "drifted" && own !== "accuracy",
  );
  if (!isMoved) return null;
  const finer = windowsUntil(windows.at(-1)?.to ?? 0, windowMs / 24, finerCount);
  const distributions = await source.distributions(finer, signal);
  return distributions.ok ? { windows: finer, distributions: distributions.value } : null;
}
