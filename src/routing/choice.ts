import type { BackendEntry } from "../table/index.ts";
import type { Estimates } from "./estimate.ts";
import type { Drop } from "./hard-limits.ts";

/** Why the first of the chain stands first; a closed set, for headers, spans and records. */
export const choiceReasons = {
  ordered: "the route's author put it first",
  weighted: "it was drawn by the route's weights",
  cheapest: "it is the cheapest that keeps the envelope and the quality floor",
  baseline: "the floor must be certified, and without a certificate only the baseline keeps it",
  baseline_away:
    "the floor must be certified, but the baseline is ejected or full for now: the best that may serve",
  best_permitted:
    "the baseline may not serve this request, and nothing else keeps the floor: the best that may",
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
}

/** A candidate that no hard limit keeps out, and that is left out for its health or for want of room. */
export interface Absence {
  limit: "ejected" | "full";
  message: string;
}

/** A candidate of the route and what became of it: what `explain` shows. */
export interface Considered {
  backend: BackendEntry;
  /** Set where something keeps it out of the chain. */
  dropped?: Drop | Absence;
  /** Absent where it was dropped. */
  estimates?: Estimates;
  p?: number;
  inEnvelope?: boolean;
}

export interface Choice {
  /**
   * At least one, best first, none twice. Every one is inside the hard limits, and none is ejected or
   * full but where all are: then it is the one.
   */
  chain: readonly ChainLink[];
  /** Those that only their health or want of room keeps out of the chain. */
  away: readonly BackendEntry[];
  reason: ChoiceReason;
  /** Whether the first of the chain is expected to break the envelope. */
  envelopeMissed: boolean;
  /** The first one's estimated probability of a correct answer. */
  confidence: number;
  confidenceSource: ConfidenceSource;
  /** Every candidate of the route, in the author's order. */
  considered: readonly Considered[];
}
