import type { DriftFindings, RouteBounds, SeriesFinding } from "./finding.ts";
import { accuracyJudgement } from "./judge/accuracy-judgement.ts";
import { fewestLabels } from "./judge/accuracy-pairs.ts";
import type { Finer } from "./judge/date-change.ts";
import { distributionJudgement, type Beside } from "./judge/distribution-judgement.ts";
import type { Judgement } from "./judge/judgement.ts";
import { shareJudgement } from "./judge/share-judgement.ts";
import { sentenceOf } from "./sentence/sentence.ts";
import type {
  AccuracyLabel,
  DistributionSeries,
  MixSeries,
  SeriesKey,
  ShareSeries,
  Signal,
  Window,
} from "./series.ts";
import { falseDiscovery } from "./statistics/false-discovery.ts";

/** All that a look rests on. */
export interface LookInput {
  /** Oldest first, the newest last: whole days, or what else all series have been counted by. */
  windows: readonly Window[];
  /** By route; a series of another route is left out. */
  bounds: ReadonlyMap<string, RouteBounds>;
  distributions: readonly DistributionSeries[];
  shares: readonly ShareSeries[];
  mixes: readonly MixSeries[];
  labels: readonly AccuracyLabel[];
  /** As many of these and more, by which accuracy is judged where `windows` hold too few labels for it. */
  labelWindows?: readonly Window[];
  /** For when a change began. */
  finer?: Finer;
  /** Of the look before: what has drifted is measured against what was before it did. */
  previous?: readonly SeriesFinding[];
}

/** Of all alarms of a look, this share may be false. */
const falseShare = 0.1;

/**
 * The judgement of a day: each series against its own past, all of them together against chance. The
 * same input gives the same findings, in whatever order it comes. Nothing is thrown for what a source
 * may say; a series that cannot be judged is `insufficient` and says why.
 */
export function look(input: LookInput): DriftFindings {
  const besideOf = indexed(input);
  const judgements: Judgement[] = [];
  for (const series of input.distributions) {
    const beside = besideOf(series.key, series.signal);
    if (beside !== null) judgements.push(distributionJudgement(series, beside));
  }
  for (const series of input.shares) {
    const beside = besideOf(series.key, series.signal);
    if (beside !== null) judgements.push(shareJudgement(series, beside));
  }
  judgements.push(...accuracyOf(input, besideOf));
  const qValues = falseDiscovery(
    judgements.map(({ finding, isTested }) => (isTested ? finding.pValue : null)),
  );
  const series = judgements.map((judgement, index) => conclude(judgement, qValues[index] ?? null));
  return { series: series.toSorted(gravestFirst) };
}

/** What is known beside a series; null where its route is not watched. */
type BesideOf = (key: SeriesKey, signal: Signal) => Beside | null;

const nameOf = ({ route, backend, tenant }: SeriesKey): string =>
  JSON.stringify([route, backend, tenant]);

function indexed({ windows, bounds, mixes, finer, previous }: LookInput): BesideOf {
  const mixesByKey = Map.groupBy(mixes, ({ key }) => nameOf(key));
  const standing = new Map(
    (previous ?? []).flatMap(({ key, signal, state, changedAt }) =>
      state === "drifted" && changedAt !== null ? [[nameOf(key) + signal, changedAt]] : [],
    ),
  );
  return (key, signal) => {
    const own = bounds.get(key.route);
    if (own === undefined) return null;
    const name = nameOf(key);
    return {
      windows,
      bounds: own,
      mixes: mixesByKey.get(name) ?? [],
      finer,
      standing: standing.get(name + signal) ?? null,
    };
  };
}

/** Of so many labels a tenant's are judged for themselves too: half of them are what the others are held against. */
const fewestOfTenant = 2 * fewestLabels;

function accuracyOf(
  { labels, labelWindows, distributions }: LookInput,
  besideOf: BesideOf,
): Judgement[] {
  const ofAll = Map.groupBy(labels, ({ key }) => nameOf({ ...key, tenant: null }));
  const ofTenants = Map.groupBy(
    labels.filter(({ key }) => key.tenant !== null),
    ({ key }) => nameOf(key),
  );
  const large = [...ofTenants.values()].filter(({ length }) => length >= fewestOfTenant);
  const confidence = distributions.filter(({ signal }) => signal === "confidence");
  const confidenceByKey = new Map(confidence.map((series) => [nameOf(series.key), series]));
  const keys = new Map(
    [
      ...confidence.map(({ key }) => key),
      ...labels.map(({ key }) => ({ ...key, tenant: null })),
      ...large.flatMap(([first]) => first?.key ?? []),
    ].map((key) => [nameOf(key), key]),
  );
  return [...keys].flatMap(([name, key]) => {
    const beside = besideOf(key, "accuracy");
    if (beside === null) return [];
    return [
      accuracyJudgement({
        ...beside,
        key,
        labels: (key.tenant === null ? ofAll : ofTenants).get(name) ?? [],
        labelWindows,
        confidence: confidenceByKey.get(name)?.windows ?? null,
        floorPercent: beside.bounds.floorPercent,
      }),
    ];
  });
}

function conclude(judgement: Judgement, tested: number | null): SeriesFinding {
  const { finding, isTested } = judgement;
  const qValue = isTested ? tested : finding.pValue;
  const hasDrifted = judgement.exceeds && (!isTested || (qValue ?? 1) <= falseShare);
  const missing = hasDrifted ? null : missingFrom(judgement);
  const quieter = hasDrifted ? {} : { changedAt: null, cause: null };
  const whole = { ...finding, ...quieter, qValue, state: stateOf(hasDrifted, missing) };
  return { ...whole, sentence: sentenceOf(whole, missing) };
}

const stateOf = (hasDrifted: boolean, missing: string | null): SeriesFinding["state"] => {
  if (hasDrifted) return "drifted";
  return missing === null ? "ok" : "insufficient";
};

/** A quiet day takes no drift back, but says of nothing that it is well. */
const missingFrom = ({ missing, isCurrent }: Judgement): string | null =>
  missing ?? (isCurrent ? null : quiet);

const quiet = "the newest window has too few requests";

const grave = { drifted: 0, insufficient: 1, ok: 2 } as const;

function gravestFirst(left: SeriesFinding, right: SeriesFinding): number {
  const byState = grave[left.state] - grave[right.state];
  if (byState !== 0) return byState;
  const byScore = beyond(right) - beyond(left);
  if (byScore !== 0) return byScore;
  return nameOf(left.key) + left.signal < nameOf(right.key) + right.signal ? -1 : 1;
}

const beyond = ({ score, threshold }: SeriesFinding): number =>
  score === null || threshold === null || threshold === 0 ? 0 : score / threshold;
