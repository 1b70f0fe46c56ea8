import type { PlanRow } from "./plan-row.ts";
import { certificateLifeMs, type PlanEntry, type RoutingTable } from "../../table/index.ts";
import type { ShareSolver } from "./share-handicaps.ts";

const minute = 60_000;

/** A share of the requests, and when a newer plan that keeps well may go on from there. */
export interface RolloutStep {
  sharePercent: number;
  forMs: number;
}

export interface PlanSettings {
  /** One-sided, of each certificate by itself. */
  confidence: number;
  lifeMs: number;
  /** Of revoking a certificate that holds, over its whole life. */
  watchRisk: number;
  /** In their order, before a newer plan is followed by all; none: it is at once. */
  rollout: readonly RolloutStep[];
  /** Of the baseline's cost: by how much more a newer plan must save to take a live one's place. */
  worthwhile: number;
  /** A certificate is made anew when less than this share of its life is left. */
  renewAt: number;
  /** Labels of a tenant of its own from which on it may have a plan of its own. */
  tenantLabels: number;
  /** Labels, and tenants with some of them, from which on a route is known to the pool. */
  knownLabels: number;
  knownTenants: number;
  /** Standard deviation between tenants of how far the classifier's guesses are off. */
  betweenTenants: number;
  /** Comparisons of traffic from which on golden sets no longer count. */
  shadowsAlone: number;
}

export const planDefaults: PlanSettings = {
  confidence: 0.97,
  lifeMs: certificateLifeMs,
  watchRisk: 0.01,
  rollout: [
    { sharePercent: 10, forMs: 60 * minute },
    { sharePercent: 50, forMs: 60 * minute },
  ],
  worthwhile: 0.02,
  renewAt: 1 / 3,
  tenantLabels: 60,
  knownLabels: 300,
  knownTenants: 3,
  betweenTenants: 0.02,
  shadowsAlone: 300,
};

export interface PlanInput {
  table: Pick<RoutingTable, "routes" | "backends" | "tenants">;
  /** Of the group, in any order; of many requests a `RowSample` of them. */
  evidence: readonly PlanRow[];
  /** What the job made last; of unknown routes and tenants no plan stays, and what is known of their labels does. */
  previous: readonly PlanEntry[];
  /** Milliseconds since the epoch. */
  now: number;
  /** Digest of the classifier that comes with the release. */
  builtInClassifier: string;
  /** Absent: no route has a maxSharePercent that would have to be kept. */
  solveShares?: ShareSolver;
  settings: PlanSettings;
}

/** What a plan job finds, by code; each has a row in docs/plans.md. */
export const planFindings = {
  NothingToChoose: "Info",
  NoEvidence: "Info",
  TooFewLabels: "Info",
  FloorNotKept: "Info",
  SharesCannotBeKept: "Info",
  CandidateTooSlow: "Warning",
  BudgetTooSmall: "Warning",
  BasisChanged: "Warning",
  CertificateExpired: "Warning",
  PlanRevoked: "Warning",
  PlanRolledBack: "Warning",
  FeedbackFell: "Warning",
  PlansLeftOut: "Warning",
} as const;

export type PlanFindingCode = keyof typeof planFindings;

export interface PlanFinding {
  code: PlanFindingCode;
  severity: (typeof planFindings)[PlanFindingCode];
  route: string;
  /** Null: of the pooled plan. */
  tenant: string | null;
  /** A sentence. */
  message: string;
}

/** What came of one (tenant, route): a row of what people are shown. */
export interface PlanReport {
  route: string;
  tenant: string | null;
  /** What serves its requests now. */
  serves: "own" | "pooled" | "baseline";
  rollout: { sharePercent: number } | null;
  lambda: number | null;
  /** Share of the baseline's expected cost on the traffic at hand. */
  expectedSaving: number | null;
  /** What that comes to over the traffic at hand. */
  savedUsd: number | null;
  lowerBound: number | null;
  labels: { golden: number; shadow: number };
  /** By backend, of the traffic at hand. */
  shares: Readonly<Record<string, number>>;
  expiresAt: number | null;
  /** Why there is none, or what became of the last one; null where all is well. */
  because: string | null;
}

export interface PlanOutput {
  /** By route and tenant, in that order; then what is remembered of those that are away. */
  plans: readonly PlanEntry[];
  findings: readonly PlanFinding[];
  report: readonly PlanReport[];
}
