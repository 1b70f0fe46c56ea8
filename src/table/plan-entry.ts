/** The plans of one (tenant, route). */
export interface PlanEntry {
  route: string;
  /** Null: the route's pooled plan. */
  tenant: string | null;
  /** What requests follow; null: the baseline serves. */
  current: Plan | null;
  /** A newer one that a share of the requests follows. Absent: none is being rolled out. */
  next?: { plan: Plan; sharePercent: number };
  /** What the plan job last measured of the live traffic; absent before the first measurement. */
  measured?: MeasuredQuality;
  /** What the plan job may rest a certificate on; routers do not look at it. */
  evidence?: PlanEvidence;
}

/** The plan job's memory between two runs. */
export interface PlanEvidence {
  /** Labels before this time count no more; milliseconds since the epoch. */
  since: number;
  /** Why they do not; absent: they all count. */
  because?: "Revoked" | "RolledBack" | "BasisChanged";
  /** Digest of the classifier that the labels were taken with. */
  model: string;
  /** By candidate: names its model, prices and ability then. */
  backends: Readonly<Record<string, string>>;
}

export interface Plan {
  /** Of the plan's other members (`planDigest`); records carry it as `plan_digest`. */
  digest: string;
  /** Correctness that a dollar must buy: the choice is argmax of p − λ·expected cost in USD − handicap. */
  lambda: number;
  /** The backends it may choose, and by how much each is handicapped so that its share keeps maxSharePercent (0 where that does not bind). */
  candidates: readonly { backend: string; handicap: number }[];
  /** Log-odds of a correct answer on the route by tier of the classifier; absent: the classifier judges with the route hidden. */
  prior?: readonly number[];
  /** Digest of the classifier model whose scores it was made with. */
  model: string;
  /** Null: nothing vouches for it, and only an Estimated route follows it. */
  certificate: Certificate | null;
}

export type UnsignedPlan = Omit<Plan, "digest">;

/** For how long a certificate may be issued, in milliseconds: what was measured grows old. */
export const certificateLifeMs = 30 * 86_400_000;

/** The evidence that a plan keeps its quality floor. */
export interface Certificate {
  floorPercent: number;
  /** The backend whose correctness the floor is a share of. */
  baseline: string;
  /** One-sided, 0..1. */
  confidence: number;
  /** Lower bound of mean(chosen − floor · baseline's), at least 0. */
  lowerBound: number;
  /** Labels it rests on, by source. */
  labels: { golden: number; shadow: number; feedback: number };
  /** Milliseconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  /** Of the prices of the plan's candidates (`pricesDigest`). */
  prices: string;
}

export interface MeasuredQuality {
  /** Milliseconds since the epoch. */
  at: number;
  labels: number;
  requests: number;
  /** Share of the baseline's correctness kept; null without labels. */
  kept: Interval | null;
  /** Share of the baseline's cost saved, judging and shadowing charged; by the control arm where there is one. */
  saved: Interval | null;
}

/** An estimate with its two-sided 95 % interval. */
export interface Interval {
  estimate: number;
  lower: number;
  upper: number;
}
