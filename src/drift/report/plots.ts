import { area, chart, scaleOf, type Axis, type Series } from "../../pages/index.ts";
import type { Markup } from "../../lib/index.ts";
import type { SeriesFinding } from "../finding.ts";
import type { Histogram } from "../histogram.ts";
import type { DistributionSeries, DistributionSignal, Window } from "../series.ts";
import { edgesOf, quantileOf, sharesBetween } from "./shape.ts";

export interface Plotted {
  /** Of the page, for references between its parts. */
  id: string;
  finding: SeriesFinding;
  series: DistributionSeries;
  windows: readonly Window[];
}

const binCount = 40;
/** Where nobody knows when a series changed, these windows stand for now. */
const newest = 3;

const across = [area.left, area.right] as const;
const upwards = [area.bottom, area.top] as const;

/** The distribution as it was, and as it is. @returns undefined where either is not known */
export function histogramPlot({ id, finding, series, windows }: Plotted): Markup | undefined {
  const [before, now] = sides(series, windows, finding.changedAt);
  if (before.length === 0 || now.length === 0) return undefined;
  const edges = edgesOf([...before, ...now], binCount);
  if (edges.length === 0) return undefined;
  const lines = [
    { name: "before", look: 4, bins: sharesBetween(before, edges) },
    { name: "now", look: 2, bins: sharesBetween(now, edges) },
  ];
  const most = Math.max(0.01, ...lines.flatMap(({ bins }) => bins.map(({ share }) => share)));
  return chart({
    id: `${id}-histogram`,
    title: `${nameOf(finding)}: before and now`,
    description: finding.sentence,
    x: logAxis(edges[0] ?? 1, edges.at(-1) ?? 2, series.signal),
    y: {
      scale: scaleOf([0, most * 1.08], upwards, stepOf(most)),
      label: "share, %",
      write: percent,
    },
    series: lines.map(({ name, look, bins }) => ({
      name,
      look,
      isLine: true,
      points: bins.map(({ middle, share }) => ({
        x: Math.log10(middle),
        y: share,
        told: `${name}: ${percent(share)} % about ${written(middle, series.signal)}`,
      })),
    })),
  });
}

/** Median and P95 of each window, and when they changed. @returns undefined where there are not two windows to join */
export function quantilePlot({ id, finding, series, windows }: Plotted): Markup | undefined {
  const lines = [
    { name: "median", look: 4, share: 0.5 },
    { name: "P95", look: 5, share: 0.95 },
  ].map((line) => ({ ...line, points: pointsOf(series, windows, line.share) }));
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  if (lines.every(({ points }) => points.length < 2) || values.length === 0) return undefined;
  const [low, high] = [Math.min(...values) / 1.1, Math.max(...values) * 1.1];
  const drawn: Series[] = lines.map(({ name, look, points }) => ({
    name,
    look,
    isLine: true,
    points: points.map(({ at, value }) => ({
      x: at,
      y: Math.log10(value),
      told: `${day(at)}: ${name} ${written(value, series.signal)}`,
    })),
  }));
  const { changedAt } = finding;
  const mark: Series[] =
    changedAt === null
      ? []
      : [
          {
            name: `changed ${minute(changedAt)}`,
            look: 6,
            isLine: true,
            points: [low, high].map((value) => ({
              x: changedAt,
              y: Math.log10(value),
              told: `changed ${minute(changedAt)}`,
            })),
          },
        ];
  return chart({
    id: `${id}-quantiles`,
    title: `${nameOf(finding)}: window by window`,
    description: finding.sentence,
    x: timeAxis(windows),
    y: { ...logAxis(low, high, series.signal), scale: logScale(low, high, upwards) },
    series: [...drawn, ...mark],
  });
}

export const nameOf = ({ key, signal, category }: SeriesFinding): string =>
  [
    titles[signal],
    ...(category === null ? [] : [`"${category}"`]),
    `of ${key.backend}`,
    ...(key.tenant === null ? [] : [`for tenant ${key.tenant}`]),
  ].join(" ");

const titles: Readonly<Record<SeriesFinding["signal"], string>> = {
  first_token: "First token",
  latency: "Total latency",
  input_tokens: "Input tokens",
  output_tokens: "Output tokens",
  cost: "Cost",
  confidence: "Confidence",
  finish_reason: "Finish reason",
  refusal: "Refusals",
  fallback: "Fallbacks",
  error: "Errors",
  accuracy: "Accuracy",
};

/** The windows before the change, and those since. */
function sides(
  { windows: histograms }: DistributionSeries,
  windows: readonly Window[],
  changedAt: number | null,
): [Histogram[], Histogram[]] {
  const isNow = ({ from }: Window, index: number): boolean =>
    changedAt === null ? index >= windows.length - newest : from >= changedAt;
  const of = (wanted: boolean): Histogram[] =>
    windows.flatMap((window, index) => {
      const histogram = histograms[index] ?? null;
      return histogram !== null && isNow(window, index) === wanted ? [histogram] : [];
    });
  return [of(false), of(true)];
}

function pointsOf(
  { windows: histograms }: DistributionSeries,
  windows: readonly Window[],
  share: number,
) {
  return windows.flatMap(({ to }, index) => {
    const histogram = histograms[index] ?? null;
    const value = histogram === null ? null : quantileOf(histogram, share);
    return value === null || value <= 0 ? [] : [{ at: to, value }];
  });
}

function logScale(low: number, high: number, to: readonly [number, number]): Axis["scale"] {
  const span = Math.log10(high) - Math.log10(low);
  // At least two ticks to read a value by.
  const step = span > 1.8 ? 1 : span > 0.9 ? 0.5 : span > 0.4 ? 0.2 : span > 0.2 ? 0.1 : 0.05;
  return scaleOf([Math.log10(low), Math.log10(high)], to, step);
}

const logAxis = (low: number, high: number, signal: DistributionSignal): Axis => ({
  scale: logScale(low, high, across),
  label: units[signal],
  write: (tick) => short(10 ** tick),
});

function timeAxis(windows: readonly Window[]): Axis {
  const [from, to] = [windows[0]?.to ?? 0, windows.at(-1)?.to ?? 1];
  // The last tick within, so that its label has room.
  const step = Math.max(1, (to - from) / 3.5);
  const scale = scaleOf([0, to - from], across, step);
  return {
    scale: {
      place: (value) => scale.place(value - from),
      ticks: scale.ticks.map((tick) => tick + from),
    },
    label: "end of the window",
    write: (tick) => day(tick).slice(5),
  };
}

const units: Readonly<Record<DistributionSignal, string>> = {
  first_token: "seconds",
  latency: "seconds",
  input_tokens: "tokens",
  output_tokens: "tokens",
  cost: "USD",
  confidence: "share",
};

const stepOf = (most: number): number =>
  [0.01, 0.02, 0.05, 0.1, 0.2].find((step) => most / step <= 6) ?? 0.2;
const percent = (share: number): string => (100 * share).toFixed(share < 0.1 ? 1 : 0);
const short = (value: number): string => String(Number(value.toPrecision(2)));
const written = (value: number, signal: DistributionSignal): string =>
  `${Number(value.toPrecision(3))} ${units[signal]}`;
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
export const minute = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
