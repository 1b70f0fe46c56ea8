import { QualityWatch } from "../quality-watch.ts";
import type { Plan } from "../../table/index.ts";
import { lowerShare } from "./slow-candidates.ts";
import type { LabelledRow } from "./scored-row.ts";
import { countOf, representative, type PlanRow } from "./plan-row.ts";

/** Whether a request went the plan's way; the control arm's go the baseline's whatever it says. */
const follows = ({ planDigest, arm }: PlanRow, { digest }: Plan): boolean =>
  planDigest === digest && arm === null;

/** What became of a plan's promise, for as long as it has been followed. */
export interface Watched {
  isRevoked: boolean;
  /** Comparisons that it rests on. */
  labels: number;
}

/**
 * Replays all comparisons of answers that a plan has chosen, in the order of time: the same evidence gives
 * the same verdict in every run, so that nothing has to be kept between them.
 */
export function watchPlan(plan: Plan, labelled: readonly LabelledRow[], risk: number): Watched {
  const { certificate } = plan;
  if (certificate === null) return { isRevoked: false, labels: 0 };
  const watch = new QualityWatch(certificate.floorPercent / 100, risk);
  let labels = 0;
  for (const pair of servedPairs(plan, labelled)) {
    watch.add(pair.chosen, pair.baseline);
    labels += 1;
  }
  return { isRevoked: watch.isRevoked, labels };
}

export interface ServedPair {
  chosen: number;
  baseline: number;
}

/**
 * How good the answers were that clients got by a plan, beside the baseline's. A shadow of another answer
 * than the baseline's is the baseline's, so that every drawn request tells of both.
 */
export function servedPairs(plan: Plan, labelled: readonly LabelledRow[]): ServedPair[] {
  return labelled
    .filter((row) => row.source === "shadow" && !row.isControl && row.planDigest === plan.digest)
    .map(({ scores, served }) => ({
      chosen: scores[served] ?? Number.NaN,
      baseline: scores.at(-1) ?? Number.NaN,
    }))
    .filter(({ chosen, baseline }) => !Number.isNaN(chosen) && !Number.isNaN(baseline));
}

const fewestAnswers = 20;
/** One-sided, of each of the two guards at each look. */
const sure = 0.999;

/**
 * Why a newer plan should not be followed further, by what its requests met beside those that went on as
 * before; undefined where nothing speaks against it.
 *
 * @param rows of the traffic since the newer plan was issued
 */
export function guardProblem(next: Plan, rows: readonly PlanRow[]): string | undefined {
  const [newer, others] = [
    representative(rows.filter((row) => follows(row, next))),
    representative(rows.filter((row) => row.planDigest !== next.digest)),
  ];
  if (newer.length < fewestAnswers || others.length < fewestAnswers) return undefined;
  const failed = (some: readonly PlanRow[]): number => some.filter((row) => row.failed).length;
  const before = (failed(others) + 1) / (others.length + 2);
  if (lowerShare(failed(newer), newer.length, sure) > before) {
    return `${failed(newer)} of its ${newer.length} requests failed, and ${failed(others)} of ${others.length} others`;
  }
  const usual =
    quantile(
      others.map(({ latencyMs }) => latencyMs),
      0.95,
    ) * 1.5;
  const late = newer.filter(({ latencyMs }) => latencyMs > usual).length;
  if (lowerShare(late, newer.length, sure) <= 0.05) return undefined;
  return `${late} of its ${newer.length} answers took more than half as long again as the others' P95`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Of a plan's own requests. */
export const countFollowing = (plan: Plan, rows: readonly PlanRow[]): number =>
  countOf(rows.filter((row) => follows(row, plan)));
