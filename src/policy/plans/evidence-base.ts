import type { PlanSettings } from "./plan-input.ts";
import type { LabelledRow } from "./scored-row.ts";

/** Fewer cannot certify a floor of 95 %, whatever they say. */
export const fewestLabels = 50;
const growth = 1.5;

/** The labels that a certificate may rest on, by source. */
export interface EvidenceBase {
  rows: readonly LabelledRow[];
  golden: number;
  shadow: number;
  /** Whether each says as much of what a live plan would not have chosen as of what it chose. */
  tellsOfAll: boolean;
}

/**
 * Which labels count, decided by their number alone and never by what they say. Those of traffic are looked
 * at when there are half as many again as at the last look: a job that looked every quarter of an hour
 * would sooner or later see a chance run of luck. Once there are enough of them, golden sets, which are
 * what an author thinks that is asked, no longer count.
 */
export function evidenceBase(
  labelled: readonly LabelledRow[],
  { shadowsAlone }: Pick<PlanSettings, "shadowsAlone">,
): EvidenceBase {
  const shadows = lookAt(telling(labelled.filter(({ source }) => source === "shadow")));
  const golden =
    shadows.length >= shadowsAlone ? [] : labelled.filter(({ source }) => source === "golden");
  const rows = [...golden, ...shadows];
  const tellsOfAll = shadows.every(({ isUnplanned }) => isUnplanned);
  return { rows, golden: golden.length, shadow: shadows.length, tellsOfAll };
}

/**
 * Where a plan chose who served, a shadow tells of its own choice and the baseline alone. Requests that none
 * had a say in tell of all candidates; they stand for all the others as soon as they are half of them.
 */
function telling(shadows: readonly LabelledRow[]): readonly LabelledRow[] {
  const unplanned = shadows.filter(({ isUnplanned }) => isUnplanned);
  return unplanned.length * 2 >= shadows.length ? unplanned : shadows;
}

function lookAt(shadows: readonly LabelledRow[]): readonly LabelledRow[] {
  let look = 0;
  for (let next = fewestLabels; next <= shadows.length; next = Math.ceil(next * growth))
    look = next;
  return shadows.slice(0, look);
}
