import { weighedMean } from "../certify.ts";
import type { EvidenceRow } from "../../records/index.ts";
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
  rows: readonly EvidenceRow[],
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
    requests: followed.length,
    kept,
    saved: savedBy(followed, recent),
  };
}

function savedBy(
  followed: readonly EvidenceRow[],
  recent: readonly EvidenceRow[],
): Interval | null {
  if (followed.length < 2) return null;
  const extra = measuringCost(followed, recent) / followed.length;
  const spent = followed.map(({ costUsd }) => costUsd + extra);
  const controls = recent.filter(({ arm }) => arm === "control").map(({ costUsd }) => costUsd);
  const whole =
    controls.length >= fewestControls
      ? againstControls(spent, controls)
      : againstEstimate(followed, extra);
  return whole === null ? null : savedOf(whole);
}

/**
 * What shadows and judges of its own requests cost, also those of which nothing came, and no label tells.
 * What others' cost is charged to the plans that those followed.
 */
function measuringCost(followed: readonly EvidenceRow[], recent: readonly EvidenceRow[]): number {
  const own = new Set(followed.map(({ requestId }) => requestId));
  return recent
    .filter(({ arm, promptId }) => (arm === "shadow" || arm === "judge") && own.has(promptId))
    .reduce((sum, { costUsd }) => sum + costUsd, 0);
}

function savedOf({ estimate, lower, upper }: Interval): Interval {
  return { estimate: 1 - estimate, lower: 1 - upper, upper: 1 - lower };
}

/** Of two samples that have nothing to do with each other. */
function againstControls(spent: readonly number[], controls: readonly number[]): Interval | null {
  const own = weighedMean({ values: Float64Array.from(spent) });
  const other = weighedMean({ values: Float64Array.from(controls) });
  if (other.mean <= 0) return null;
  const estimate = own.mean / other.mean;
  const spread = (own.spread + estimate ** 2 * other.spread) / other.mean ** 2;
  return around(estimate, Math.sqrt(spread));
}

/** Against what the baseline would have cost for the same tokens. */
function againstEstimate(followed: readonly EvidenceRow[], extra: number): Interval | null {
  const compared = followed.filter(({ baselineCostUsd }) => baselineCostUsd !== null);
  return ratio(
    compared.map(({ costUsd }) => costUsd + extra),
    compared.map(({ baselineCostUsd }) => baselineCostUsd ?? 0),
  );
}

/** Of the means of pairs, by the delta method; null where there is nothing to divide by. */
function ratio(above: readonly number[], below: readonly number[]): Interval | null {
  const whole = weighedMean({ values: Float64Array.from(below) }).mean;
  if (below.length < 2 || whole <= 0) return null;
  const estimate = weighedMean({ values: Float64Array.from(above) }).mean / whole;
  const { spread, count } = weighedMean({
    values: Float64Array.from(above, (each, place) => each - estimate * (below[place] ?? 0)),
  });
  // Two more that disagree, as in a certificate: a few that all agree are no certainty.
  const more = (2 * largest(below) ** 2) / (count * (count + 1));
  return around(estimate, Math.sqrt(spread + more) / whole);
}

/** There may be more than a call has room for arguments. */
const largest = (values: readonly number[]): number =>
  values.reduce((most, each) => Math.max(most, Math.abs(each)), 0);

function around(estimate: number, spread: number): Interval {
  return { estimate, lower: estimate - reach * spread, upper: estimate + reach * spread };
}
