// What the rounds come to: medians and spreads of each contender's figures.
import type { Distribution } from "../../test/support/distribution.ts";
import type { Figures, Measured } from "./measure.ts";

/** The median over the rounds, and the least and the most. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface ContenderReport {
  title: string;
  perSecond: Spread;
  cpuMicrosPerRequest: Spread;
  busy: Spread;
  rssMb: Spread;
  singleP50Ms: Spread;
  tenthP50Ms: Spread;
  tenthP99Ms: Spread;
  spansPerRequest: Spread;
  recordsPerRequest: Spread;
  /** Null where it does not stream. */
  streams: StreamReport | null;
}

export interface StreamReport {
  perSecond: Spread;
  cpuMicrosPerStream: Spread;
  firstByteP50Ms: Spread;
  firstByteP99Ms: Spread;
  /** Between parts of a stream; null where each came in one part. */
  gapP50Ms: Spread | null;
  gapP99Ms: Spread | null;
  singleFirstByteP50Ms: Spread;
  singleGapP50Ms: Spread | null;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.floor(middle)],
    sorted[Math.ceil(middle)],
  ];
  return {
    median: (low + high) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

const percentile = (of: Distribution | null, which: keyof Distribution): number =>
  of?.[which] ?? Number.NaN;

/** @param rounds at least one */
export function contenderReport(title: string, rounds: readonly Figures[]): ContenderReport {
  const over = (read: (figures: Figures) => number) => spreadOf(rounds.map(read));
  return {
    title,
    perSecond: over(({ full }) => full.perSecond),
    cpuMicrosPerRequest: over(({ full }) => full.cpuMicrosPerRequest),
    busy: over(({ full }) => full.busy),
    rssMb: over(({ full }) => full.rssMb),
    singleP50Ms: over(({ single }) => percentile(single.totalMs, "p50")),
    tenthP50Ms: over(({ tenth }) => percentile(tenth.totalMs, "p50")),
    tenthP99Ms: over(({ tenth }) => percentile(tenth.totalMs, "p99")),
    spansPerRequest: over(({ spansPerRequest }) => spansPerRequest),
    recordsPerRequest: over(({ recordsPerRequest }) => recordsPerRequest),
    streams: streamReport(rounds),
  };
}

function streamReport(rounds: readonly Figures[]): StreamReport | null {
  const many = rounds.map(({ streams }) => streams).filter((each) => each !== null);
  const one = rounds.map(({ singleStream }) => singleStream).filter((each) => each !== null);
  if (many.length === 0 || one.length === 0) return null;
  const over = (measured: readonly Measured[], read: (each: Measured) => number) =>
    spreadOf(measured.map(read));
  const gaps = (measured: readonly Measured[], which: keyof Distribution) => {
    const parted = measured.filter(({ gapMs }) => gapMs !== null);
    return parted.length === 0 ? null : over(parted, ({ gapMs }) => percentile(gapMs, which));
  };
  return {
    perSecond: over(many, ({ perSecond }) => perSecond),
    cpuMicrosPerStream: over(many, ({ cpuMicrosPerRequest }) => cpuMicrosPerRequest),
    firstByteP50Ms: over(many, ({ firstByteMs }) => percentile(firstByteMs, "p50")),
    firstByteP99Ms: over(many, ({ firstByteMs }) => percentile(firstByteMs, "p99")),
    gapP50Ms: gaps(many, "p50"),
    gapP99Ms: gaps(many, "p99"),
    singleFirstByteP50Ms: over(one, ({ firstByteMs }) => percentile(firstByteMs, "p50")),
    singleGapP50Ms: gaps(one, "p50"),
  };
}
