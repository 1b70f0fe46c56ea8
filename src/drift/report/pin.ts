import { meanLowerBound } from "../../policy/index.ts";
import {
  driftOf,
  type DriftPin,
  type DriftRecovery,
  type DriftReport,
  type RouteDrift,
} from "../../table/index.ts";
import type { SeriesFinding } from "../finding.ts";
import type { AccuracyLabel } from "../series.ts";

export interface PinInput {
  /** Whether the route says PinBaseline, and nobody lifts it by the annotation. */
  isAsked: boolean;
  previous: DriftPin | null;
  baseline: string | null;
  /** Of the baseline's correctness, what is to be kept. */
  floorPercent: number;
  /** Of the route. */
  series: readonly SeriesFinding[];
  /** Of the route. */
  labels: readonly AccuracyLabel[];
  /** Milliseconds since the epoch. */
  at: number;
}

/** A backend is back where that is sure by a bound of this confidence, on so many labels at least. */
const recovery = { confidence: 0.95, labels: 30 };
/** An answer of a golden set may be so much worse than the same question's before, in the mean. */
const tolerated = 0.02;

/**
 * Whether a route is pinned to its baseline from now on. A pin comes with judged accuracy of another backend having
 * drifted; it goes once the golden set or shadows have shown of each such backend that it is back, which a few good
 * answers do not. Where there are neither, a person has to lift it.
 */
export function decidePin(input: PinInput): DriftPin | null {
  const { isAsked, previous, baseline } = input;
  if (!isAsked || baseline === null) return null;
  return previous === null ? newPin(input) : keptPin(previous, input);
}

function newPin({ baseline, series, at }: PinInput): DriftPin | null {
  const worse = series.filter(
    ({ key, signal, state, estimated }) =>
      signal === "accuracy" && state === "drifted" && !estimated && key.backend !== baseline,
  );
  const [first] = worse;
  if (first === undefined) return null;
  const backends = [...new Set(worse.map(({ key }) => key.backend))].toSorted();
  const changedAt = Math.min(at, ...worse.map((finding) => finding.changedAt ?? at));
  return { since: at, reason: first.sentence, backends, changedAt };
}

function keptPin(pin: DriftPin, input: PinInput): DriftPin | null {
  const away = pin.backends.filter(
    // Of a backend that is the baseline by now there is nothing left to wait for.
    (backend) => backend !== input.baseline && !isBack(backend, pin, input),
  );
  if (away.length > 0) return { ...pin, backends: away };
  const others = input.series.filter(({ key }) => !pin.backends.includes(key.backend));
  return newPin({ ...input, series: others });
}

interface Ended {
  isAsked: boolean;
  /** Of the last run. */
  before: Pick<RouteDrift, "pinned" | "recovered"> | undefined;
  pinned: DriftPin | null;
  /** Milliseconds since the epoch. */
  at: number;
  /** What ended before this is no longer of interest. */
  since: number;
}

const mostRecovered = 64;

/**
 * The times in which backends were worse, and that are over, those included that this run has ended: their labels are
 * still there for weeks, and would pin the route again the day after it was let go.
 */
export function recoveredBy({ isAsked, before, pinned, at, since }: Ended): DriftRecovery[] {
  const known = (before?.recovered ?? []).filter(({ to }) => to > since);
  const last = before?.pinned ?? null;
  // What a person has lifted is not over.
  if (last === null || !isAsked) return known;
  const ended = last.backends
    .filter((backend) => pinned?.backends.includes(backend) !== true)
    .map((backend) => ({ backend, from: last.changedAt, to: at }));
  return [...known, ...ended].slice(-mostRecovered);
}

/** Labels without those of times that are over by the last run's report. */
export const withoutRecovered = (
  labels: readonly AccuracyLabel[],
  report: DriftReport | null,
): readonly AccuracyLabel[] =>
  labels.filter(({ key, ts }) => {
    const recovered = driftOf(report, key.route)?.recovered ?? [];
    return !recovered.some(
      ({ backend, from, to }) => backend === key.backend && ts >= from && ts < to,
    );
  });

const day = 86_400_000;

/** What was still worse after the pin must not outweigh for weeks that it no longer is: each of these may show it. */
const newest = [3 * day, 7 * day, 14 * day, Infinity] as const;

/** It keeps the floor of the baseline's answers to the same prompts, or answers a golden set as it did before. */
function isBack(backend: string, pin: DriftPin, { labels, floorPercent, at }: PinInput): boolean {
  const own = labels.filter(({ key, source }) => key.backend === backend && source !== "feedback");
  return newest.some((reach) => {
    const since = own.filter(({ ts }) => ts >= Math.max(pin.since, at - reach));
    const kept = since.flatMap(({ score, baselineScore }) =>
      baselineScore === null ? [] : [score - (floorPercent / 100) * baselineScore],
    );
    return isSurelyPositive(kept) || isSurelyPositive(asBefore(own, since, pin.changedAt));
  });
}

/** By how much each answer to a question of a golden set surpasses what it needs to be as good as before. */
function asBefore(
  own: readonly AccuracyLabel[],
  since: readonly AccuracyLabel[],
  changedAt: number,
): number[] {
  const isGolden = ({ source }: AccuracyLabel): boolean => source === "golden";
  const before = Map.groupBy(
    own.filter((label) => isGolden(label) && label.ts < changedAt),
    ({ promptId }) => promptId,
  );
  return since.filter(isGolden).flatMap(({ score, promptId }) => {
    const scores = before.get(promptId)?.map((label) => label.score) ?? [];
    if (scores.length === 0) return [];
    const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
    return [score - mean + tolerated];
  });
}

const isSurelyPositive = (values: readonly number[]): boolean =>
  values.length >= recovery.labels &&
  meanLowerBound({ values: Float64Array.from(values) }, recovery) >= 0;
