import type { Result } from "../lib/index.ts";
import type {
  AccuracyLabel,
  DistributionSeries,
  MixFact,
  MixSeries,
  ShareSeries,
  Signal,
  Window,
} from "./series.ts";

/** Whose traffic is asked for: the routes of one group. */
export interface SourceScope {
  namespace: string;
  routerClass: string;
  /** Of what other routes have left behind nothing is told. */
  routes: readonly ScopeRoute[];
  /** A tenant has series of its own where it has so many samples a window, in the mean of those it has any in. */
  tenantFloor: number;
}

export interface ScopeRoute {
  name: string;
  /** The backend whose labels the others' are held against; null where the route has none. */
  baseline: string | null;
}

/** What a source cannot give, named as a signal or as a fact for the guess at a cause. */
export type Wanting = Signal | MixFact;

/**
 * Where the figures come from. All sources count alike: users' traffic alone, no golden set, shadow or judge; a
 * series for each route and backend that had any, and one for each of its large tenants; null for a window of which
 * nothing is known, which a window without traffic is too. What goes wrong is told in a sentence for people, within
 * a bound of the source's own; where the signal is aborted first, at once.
 */
export interface HistogramSource {
  /** `Prometheus`, `records`, `ClickHouse`: for the report. */
  readonly name: string;
  /** What it cannot give, with the reason. */
  readonly cannot: ReadonlyMap<Wanting, string>;
  /** Milliseconds since the epoch from which on it holds data, to the hour; null where it holds nothing at all. */
  since(signal: AbortSignal): Promise<Result<number | null, string>>;
  distributions(
    windows: readonly Window[],
    signal: AbortSignal,
  ): Promise<Result<readonly DistributionSeries[], string>>;
  shares(
    windows: readonly Window[],
    signal: AbortSignal,
  ): Promise<Result<readonly ShareSeries[], string>>;
  mixes(
    windows: readonly Window[],
    signal: AbortSignal,
  ): Promise<Result<readonly MixSeries[], string>>;
  /** Judged answers of the range by their time; the newest 200,000 where there are more. */
  labels(range: Window, signal: AbortSignal): Promise<Result<readonly AccuracyLabel[], string>>;
  close(): Promise<void>;
}
