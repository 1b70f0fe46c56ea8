import type { BackendEntry } from "../table/index.ts";
import type { Estimates } from "./estimate.ts";
import type { Drop } from "./hard-limits.ts";
import type { FollowedPlan, PlanRefusal } from "./plan/followed-plan.ts";

/** Why the first of the chain stands first; a closed set, for headers, spans and records. */
export const choiceReasons = {
  ordered: "the route's author put it first",
  weighted: "it was drawn by the route's weights",
  planned: "the plan chose it: correctness for its cost, all in all within the certified floor",
  planned_away:
    "what the plan chose is ejected, full or at its share for now: the best instead of it",
  cheapest: "it is the cheapest that keeps the envelope and the quality floor",
  pinned: "accuracy has drifted: the route is pinned to its baseline until that is over",
  control: "it is the baseline, and the request was drawn for comparison with it",
  no_plan: "the floor must be certified, and there is no plan: the baseline keeps it",
  uncertified:
    "the floor must be certified, and the plan has no certificate: the baseline keeps it",
  expired: "the plan's certificate has expired: the baseline keeps the floor",
  model_changed: "the plan was made with another classifier: the baseline keeps the floor",
  baseline_changed:
    "the plan was certified against another baseline: the present one keeps the floor",
  floor_raised: "the plan was certified for a lower floor: the baseline keeps the route's",
  unfamiliar: "the classifier has never seen the like of the request: the baseline keeps the floor",
  plan_barred: "hard limits leave nothing that the plan allows: the baseline keeps the floor",
  baseline_away:
    "the floor must be certified, but the baseline is ejected or full for now: the best that may serve",
  best_permitted:
    "the baseline may not serve this request, and nothing else keeps the floor: the best that may",
  replayed: "a replay of a golden set asked for it",
  downgraded: "the tenant's budget is used up: the cheapest that may serve",
  envelope_missed: "nothing keeps both the envelope and the floor: the best that may serve",
} as const;

export type ChoiceReason = keyof typeof choiceReasons;

/** What the confidence rests on. */
export type ConfidenceSource = "tier" | "classifier" | "plan";

/** A candidate in its place of the chain. */
export interface ChainLink {
  backend: BackendEntry;
  estimates: Estimates;
  /** The estimated probability that it answers correctly. */
  p: number;
  /** What it probably costs, in whole pico-USD. */
  expectedPicoUsd: number;
}

/** A candidate that no hard limit keeps out, and that cannot be called now, or not any more. */
export interface Absence {
  limit: "ejected" | "full" | "share";
  message: string;
}

export function isAbsence(dropped: Drop | Absence): dropped is Absence {
  return dropped.limit === "ejected" || dropped.limit === "full" || dropped.limit === "share";
}

/** A candidate of the route and what became of it: what `explain` shows. */
export interface Considered {
  backend: BackendEntry;
  /** Set where something keeps it out of the chain. */
  dropped?: Drop | Absence;
  /** Absent, as all below, where a hard limit dropped it. */
  estimates?: Estimates;
  p?: number;
  expectedPicoUsd?: number;
  inEnvelope?: boolean;
  /** Null where no plan was followed, or it may not choose it. */
  handicap?: number | null;
  value?: number | null;
}

export interface Choice {
  /**
   * At least one, best first, none twice. Every one is inside the hard limits, and none is ejected, full
   * or at its share but where all are.
   */
  chain: readonly ChainLink[];
  /** Those that only their health, or want of room or share, keeps out of the chain. */
  away: readonly BackendEntry[];
  reason: ChoiceReason;
  /** Whether the first of the chain is expected to break the envelope. */
  envelopeMissed: boolean;
  /** The first one's estimated probability of a correct answer. */
  confidence: number;
  confidenceSource: ConfidenceSource;
  /** Digest of the classifier's model that judged; null where the tier alone did. */
  classifier: string | null;
  /** Traits of the request that the classifier has never seen. */
  unfamiliar: readonly string[];
  /** Null where none is followed, and in the control arm. */
  plan: FollowedPlan | null;
  /** Why none is followed; null where one is, and where the route does not choose by plans. */
  planRefusal: PlanRefusal | null;
  arm: "control" | null;
  /** Every candidate of the route, in the author's order. */
  considered: readonly Considered[];
}
