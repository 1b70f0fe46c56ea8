import { countOf, type Histogram } from "../histogram.ts";
import type { AccuracyLabel, MixSeries, SeriesKey, Window } from "../series.ts";
import { alarmingEvidence, judgeAccuracy, type AccuracyVerdict } from "./accuracy.ts";
import { fewestLabels } from "./accuracy-pairs.ts";
import { guessCause } from "./cause.ts";
import { splitHistory } from "./history.ts";
import { nothing, type Judgement } from "./judgement.ts";
import { dateShareChange, shareSummary } from "./share-judgement.ts";
import { judgeTally, type Tally } from "./share.ts";

/** What is known of one key's answers. */
export interface AccuracyInput {
  key: SeriesKey;
  labels: readonly AccuracyLabel[];
  /** Of the classifier's confidence, by window; null where there is none. */
  confidence: readonly (Histogram | null)[] | null;
  windows: readonly Window[];
  /** More of them, for labels too few to judge by `windows`; absent: none are known. */
  labelWindows?: readonly Window[] | undefined;
  floorPercent: number | null;
  mixes: readonly MixSeries[];
  standing: number | null;
}

/** Labels first; without enough of them what the classifier believed, as an estimate. */
export function accuracyJudgement(input: AccuracyInput): Judgement {
  const { labels, windows, labelWindows = [], floorPercent, standing } = input;
  const found =
    judgeAccuracy(labels, windows, floorPercent, standing) ??
    judgeAccuracy(labels, labelWindows, floorPercent, standing);
  if (found !== null) return byLabels(input, found);
  const estimate = input.confidence === null ? null : byConfidence(input, input.confidence);
  const missing = `it takes ${fewestLabels} labels of one source to watch, and as many from before to compare with unless the baseline answered the same prompts: there are ${labels.length} in all`;
  return estimate ?? nothing(input.key, "accuracy", labels.length, missing);
}

function byLabels(input: AccuracyInput, found: AccuracyVerdict): Judgement {
  const { key, windows, mixes, standing } = input;
  const { hasFallen, before, now, source } = found;
  const changedAt = hasFallen ? (standing ?? found.changedAt) : null;
  const indices = windows.map((_, index) => index);
  const isAfter = (index: number) => (windows[index]?.to ?? 0) > (changedAt ?? 0);
  const cause = hasFallen
    ? guessCause(
        mixes,
        "accuracy",
        indices.filter((index) => !isAfter(index)),
        indices.filter(isAfter),
      )
    : null;
  const summary = ({ share, n }: { share: number; n: number }) =>
    n === 0 ? null : { p50: null, p95: null, share, n };
  return {
    finding: {
      ...nothing(key, "accuracy", now.n, "").finding,
      statistic: "evidence",
      score: found.evidence,
      threshold: alarmingEvidence,
      direction: hasFallen ? "down" : null,
      pValue: Math.min(1, 1 / found.evidence),
      changedAt,
      cause,
      source,
      reference: summary(before),
      current: summary(now),
    },
    exceeds: hasFallen,
    isCurrent: true,
    missing: null,
    isTested: false,
  };
}

/** By two points: what a classifier believes of its candidates moves with what is asked. */
const tolerance = { points: 0.02, part: 0 };

function byConfidence(
  { key, windows, standing }: AccuracyInput,
  confidence: readonly (Histogram | null)[],
): Judgement | null {
  const tallies = windows.map((_, index) => tallyOf(confidence[index] ?? null));
  const split = splitHistory(
    windows,
    tallies.map(({ n }) => n),
    standing,
  );
  if ("missing" in split) return null;
  const found = judgeTally("", split, (index) => tallies[index] ?? none, tolerance);
  const { verdict, history } = found;
  const exceeds = verdict.exceeds && verdict.direction === "down";
  return {
    finding: {
      ...nothing(key, "accuracy", Math.round(found.current.n), "").finding,
      statistic: "mean",
      score: verdict.direction === "down" ? verdict.difference : 0,
      threshold: verdict.threshold,
      direction: verdict.direction,
      pValue: found.pValue,
      changedAt: exceeds ? (standing ?? dateShareChange(found, windows)) : null,
      source: "confidence",
      estimated: true,
      reference: shareSummary(found.reference),
      current: shareSummary(found.current),
    },
    exceeds,
    isCurrent: history.isCurrent,
    missing: null,
    isTested: true,
  };
}

const none: Tally = { hits: 0, n: 0 };

/** Values of at most 1 vary no more than as many right and wrong answers would. */
function tallyOf(histogram: Histogram | null): Tally {
  if (histogram === null) return none;
  const n = countOf(histogram);
  const isSound = histogram.sum >= 0 && histogram.sum <= n;
  return isSound ? { hits: histogram.sum, n } : none;
}
