import type { BackendEntry, RouteEntry } from "../table/index.ts";
import { best, byCost, byQuality, type Candidate } from "./candidate.ts";
import type { ChoiceReason } from "./choice.ts";
import type { PlanRefusal } from "./plan/followed-plan.ts";

export interface Picked {
  first: Candidate;
  reason: ChoiceReason;
}

/** Who may serve a request that follows no plan. */
export interface Field {
  route: RouteEntry;
  /** Those that may be called now; `only` is one of them. */
  present: readonly Candidate[];
  only: Candidate;
  /** Those that may serve, but cannot be called now. */
  away: readonly BackendEntry[];
  /** The estimated correctness that the floor is a share of; infinite where nobody is measured against. */
  baselineCorrect: number;
}

/** Without a certificate only the baseline is known to keep the floor, inside the envelope or not. */
export function pickBaseline(
  field: Omit<Field, "baselineCorrect">,
  why: PlanRefusal | "pinned",
): Picked {
  const { route, present, only, away } = field;
  const baseline = present.find(({ backend }) => backend.name === route.baseline);
  if (baseline !== undefined) return { first: baseline, reason: why };
  const isAway = away.some(({ name }) => name === route.baseline);
  const reason = isAway ? "baseline_away" : "best_permitted";
  return { first: best(present, only, byQuality), reason };
}

/** The cheapest that keeps the envelope and, by the estimates' word, the floor. */
export function pickCheapest({ route, present, only, baselineCorrect }: Field): Picked {
  const floor = (baselineCorrect * route.quality.floorPercent) / 100;
  const kept = present.filter((candidate) => candidate.inEnvelope && candidate.p >= floor);
  if (kept.length > 0) return { first: best(kept, only, byCost), reason: "cheapest" };
  const missed = present.some((candidate) => candidate.p >= floor);
  const reason = missed ? "envelope_missed" : "best_permitted";
  return { first: best(present, only, byQuality), reason };
}
