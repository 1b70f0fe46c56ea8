import { driftOf, type DriftReport, type Envelope, type RouteDrift } from "../../table/index.ts";
import type { DriftFindings, RouteBounds, SeriesFinding } from "../finding.ts";
import type { AccuracyLabel, DistributionSeries, Window } from "../series.ts";
import { judgeEnvelope } from "./envelope.ts";
import { decidePin, recoveredBy } from "./pin.ts";
import { shortened } from "./shortened.ts";
import { judgeAccuracy, judgeLatency } from "./route-judgements.ts";

/** A route that is watched, as its author wrote it. */
export interface WatchedRoute {
  name: string;
  /** Null: nothing is measured against one, and nothing can be pinned. */
  baseline: string | null;
  bounds: RouteBounds;
  envelope: Envelope;
  floorPercent: number;
  /** The ConfigMap with questions to ask daily; null: there is none. */
  goldenSet: string | null;
  /** Whether the route says PinBaseline, and nobody lifts it by the annotation. */
  pins: boolean;
}

export interface ReportInput {
  /** Milliseconds since the epoch. */
  at: number;
  windows: readonly Window[];
  /** Of where the figures come from. */
  source: string;
  routes: readonly WatchedRoute[];
  findings: DriftFindings;
  distributions: readonly DistributionSeries[];
  labels: readonly AccuracyLabel[];
  /** The last run's; null: there was none. */
  previous: DriftReport | null;
  missing: readonly string[];
}

/** A ConfigMap takes 1 MiB, and the page wants room beside. */
const longest = 700 * 1_024;
const mostMissing = 100;

/** What is told of all routes, cut to what a ConfigMap takes: of each route those series stay that matter most. */
export function buildReport(input: ReportInput): DriftReport {
  const { at, windows, source, routes, missing } = input;
  const whole: DriftReport = {
    version: 1,
    lookedAt: at,
    from: windows[0]?.from ?? at,
    to: windows.at(-1)?.to ?? at,
    source: source.slice(0, 256),
    routes: Object.fromEntries(routes.map((route) => [route.name, routeDrift(route, input)])),
    missing: missing.slice(0, mostMissing).map((each) => each.slice(0, 1_024)),
  };
  return shortened(whole, longest);
}

/** Records and metrics may come from anywhere; a report with a name that is none would not be read again. */
const isNamed = ({ backend, tenant }: SeriesFinding["key"]): boolean =>
  [backend, tenant ?? "none"].every(({ length }) => length >= 1 && length <= 253);

function routeDrift(route: WatchedRoute, input: ReportInput): RouteDrift {
  const { at, windows, findings, distributions, labels, previous } = input;
  const isOwn = ({ key }: { key: SeriesFinding["key"] }): boolean => key.route === route.name;
  const series = findings.series.filter((each) => isOwn(each) && isNamed(each.key));
  const before = driftOf(previous, route.name);
  const pinned = decidePin({
    isAsked: route.pins,
    previous: before?.pinned ?? null,
    baseline: route.baseline,
    floorPercent: route.floorPercent,
    series,
    labels: labels.filter(isOwn),
    at,
  });
  const since = windows[0]?.from ?? at;
  const recovered = recoveredBy({ isAsked: route.pins, before, pinned, at, since });
  return {
    latency: judgeLatency(series),
    accuracy: judgeAccuracy(series, route.goldenSet !== null),
    envelope: judgeEnvelope(route.envelope, distributions.filter(isOwn)),
    pinned,
    ...(recovered.length > 0 && { recovered }),
    series,
    left: 0,
  };
}
