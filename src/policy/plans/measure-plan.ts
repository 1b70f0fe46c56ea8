import { weighedMean, type Sample } from "../certify.ts";
import { countOf, weightOf, type PlanRow } from "./plan-row.ts";
import type { Interval, MeasuredQuality, Plan } from "../../table/index.ts";
import { servedPairs } from "./watch-plan.ts";
import { isTraffic, type LabelledRow } from "./scored-row.ts";

/** Two-sided 95 %. */
const reach = 1.96;
const fewestControls = 30;

/**
 * What a plan's requests came to since it was issued: the share of the baseline's correctness kept, by
 * shadows, and the share of its cost saved, with what shadowing and judging cost charged to it.
 *
 * @param rows of the scope, shadows' own among them
 */
export function measurePlan(
  plan: Plan,
  rows: readonly PlanRow[],
  labelled: readonly LabelledRow[],
  now: number,
): MeasuredQuality {
  const since = plan.certificate?.issuedAt ?? 0;
  const recent = rows.filter(({ ts }) => ts >= since);
  const followed = recent.filter(
    (row) => isTraffic(row) && row.arm !== "control" && row.planDigest === plan.digest,
  );
  const pairs = servedPairs(plan, labelled);
  const kept = ratio(
    pairs.map(({ chosen }) => chosen),
    pairs.map(({ baseline }) => baseline),
  );
  return {
    at: now,
    labels: pairs.length,
    requests: Math.round(countOf(followed)),
    kept,
    saved: savedBy(followed, recent),
  };
}

function savedBy(followed: readonly PlanRow[], recent: readonly PlanRow[]): Interval | null {
  if (followed.length < 2) return null;
  const extra = measuringCost(followed, recent) / countOf(followed);
  const controls = recent.filter(({ arm }) => arm === "control");
  const whole =
    controls.length >= fewestControls
      ? againstControls(followed, controls, extra)
      : againstEstimate(followed, extra);
  return whole === null ? null : savedOf(whole);
}

/**
 * What shadows and judges of its own requests cost, also those of which nothing came, and no label tells.
 * What others' cost is charged to the plans that those followed. Of a sample a shadow is there with its request
 * as often as the rarer of the two is: both are drawn by the request's id.
 */
function measuringCost(followed: readonly PlanRow[], recent: readonly PlanRow[]): number {
  const own = new Map(followed.map((row) => [row.requestId, weightOf(row)]));
  return recent
    .filter(({ arm, promptId }) => (arm === "shadow" || arm === "judge") && own.has(promptId))
    .reduce(
      (sum, row) => sum + row.costUsd * Math.max(weightOf(row), own.get(row.promptId) ?? 0),
      0,
    );
}

function savedOf({ estimate, lower, upper }: Interval): Interval {
  return { estimate: 1 - estimate, lower: 1 - upper, upper: 1 - lower };
}

/** Of two samples that have nothing to do with each other. */
function againstControls(
  followed: readonly PlanRow[],
  controls: readonly PlanRow[],
  extra: number,
): Interval | null {
  const own = weighedMean(valuesOf(followed, ({ costUsd }) => costUsd + extra));
  const other = weighedMean(valuesOf(controls, ({ costUsd }) => costUsd));
  if (other.mean <= 0) return null;
  const estimate = own.mean / other.mean;
  const spread = (own.spread + estimate ** 2 * other.spread) / other.mean ** 2;
  return around(estimate, Math.sqrt(spread));
}

/** Against what the baseline would have cost for the same tokens. */
function againstEstimate(followed: readonly PlanRow[], extra: number): Interval | null {
  const compared = followed.filter(({ baselineCostUsd }) => baselineCostUsd !== null);
  return ratio(
    compared.map(({ costUsd }) => costUsd + extra),
    compared.map(({ baselineCostUsd }) => baselineCostUsd ?? 0),
    compared.map(weightOf),
  );
}

function valuesOf(rows: readonly PlanRow[], valueOf: (row: PlanRow) => number): Sample {
  return { values: Float64Array.from(rows, valueOf), weights: Float64Array.from(rows, weightOf) };
}

/** Of the means of pairs, by the delta method; null where there is nothing to divide by. */
function ratio(
  above: readonly number[],
  below: readonly number[],
  weighed: readonly number[] = below.map(() => 1),
): Interval | null {
  const weights = Float64Array.from(weighed);
  const whole = weighedMean({ values: Float64Array.from(below), weights }).mean;
  if (below.length < 2 || whole <= 0) return null;
  const estimate = weighedMean({ values: Float64Array.from(above), weights }).mean / whole;
  const { spread, count } = weighedMean({
    values: Float64Array.from(above, (each, place) => each - estimate * (below[place] ?? 0)),
    weights,
  });
  // Two more that disagree, as in a certificate: a few that all agree are no certainty.
  const largest = below.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  const more = (2 * largest ** 2) / (count * (count + 1));
  return around(estimate, Math.sqrt(spread + more) / whole);
}

function around(estimate: number, spread: number): Interval {
  return { estimate, lower: estimate - reach * spread, upper: estimate + reach * spread };
}
