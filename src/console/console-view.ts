import type { DriftFinding, DriftState } from "../table/index.ts";
import type { Pod } from "./facts.ts";

/** What the console shows of one router, as `/console/data.json` gives it. Shares are 0 to 1; what is not known is null. */
export interface ConsoleView {
  at: number;
  pod: Pod;
  table: TableView | null;
  /** What is wrong now, the worst first. */
  hints: readonly Hint[];
  /** All requests of the last five minutes, whatever their route. */
  overall: Rates;
  routes: readonly RouteRow[];
  backends: readonly BackendRow[];
  latency: readonly LatencyRow[];
  spend: readonly SpendRow[];
  /** Rows that there was no room for, those with neither trouble nor traffic first. */
  leftOut: { routes: number; backends: number; latency: number; spend: number };
  drift: DriftView;
}

export interface TableView {
  digest: string;
  loadedAt: number;
  unconfirmedMs: number | null;
  routes: number;
  backends: number;
  tenants: number;
}

export type Severity = "urgent" | "warning" | "notice";

/** Something that an on-call person should look at, as a sentence. */
export interface Hint {
  severity: Severity;
  /** A short word for the kind of trouble, stable for programs. */
  code: string;
  sentence: string;
  /** What to look at or do next. */
  advice: string;
  route: string | null;
  backend: string | null;
  tenant: string | null;
}

export interface Rates {
  /** How much time they count, in milliseconds. */
  overMs: number;
  requests: number;
  perSecond: number;
  failedShare: number | null;
  limitedShare: number | null;
  fallbackShare: number | null;
  missedShare: number | null;
}

export interface RouteRow extends Rates {
  /** The last minute alone. */
  fresh: Rates;
  route: string;
  models: readonly string[];
  /** `down`: nothing is ready. `failing`: it answers too many requests with an error. `degraded`: others take over. */
  health: "ok" | "degraded" | "failing" | "down" | "quiet";
  candidates: number;
  ready: number;
  /** Candidates that are ejected or being tried again. */
  away: readonly { backend: string; state: "open" | "half_open" }[];
  requestsBySlot: readonly number[];
  failedBySlot: readonly number[];
  /** What decides who serves, such as `Certified until 2026-12-01`. */
  choice: string;
  pinned: boolean;
  costUsd: number;
  baselineUsd: number;
  /** Of the baseline's cost; negative where it cost more. */
  savedShare: number | null;
}

export interface BackendRow {
  backend: string;
  model: string;
  region: string;
  tier: string;
  state: "closed" | "half_open" | "open";
  sinceAt: number | null;
  reason: string | null;
  probeAt: number | null;
  failuresInRow: number;
  errorShare: number;
  slowShare: number;
  inFlight: number;
  /** Null: as many as come. */
  mostInFlight: number | null;
  queued: number;
  mostQueued: number;
  firstTokenP95Ms: number;
  tokensPerSecond: number;
  routes: readonly string[];
}

export interface LatencyRow {
  route: string;
  backend: string;
  attempts: number;
  failedShare: number | null;
  firstToken: LatencyFigures | null;
  total: LatencyFigures | null;
  /** How many times the P95 of the minutes before the last two were; null unless it is clearly slower. */
  slowerBy: number | null;
  /** Over the last five minutes, or the last one where that is worse; null unless it clearly fails. */
  failing: { overMs: number; attempts: number; share: number } | null;
}

export interface LatencyFigures {
  count: number;
  p50Ms: number;
  p95Ms: number;
  p95BySlot: readonly (number | null)[];
}

export interface SpendRow {
  tenant: string;
  /** Since this router began, as all of this row but its budgets. */
  requests: number;
  costUsd: number;
  baselineUsd: number;
  savedShare: number | null;
  budgets: readonly BudgetRow[];
}

export interface BudgetRow {
  limit: string;
  unit: "USD" | "tokens";
  used: number;
  most: number;
  share: number;
  /** What happens once it is spent. */
  onExceeded: "Reject" | "Downgrade" | "Observe";
}

export interface DriftView {
  /** Null where there is no report; `why` says why. */
  lookedAt: number | null;
  why: string | null;
  source: string | null;
  hasPage: boolean;
  routes: readonly DriftRow[];
  missing: readonly string[];
}

export interface DriftRow {
  route: string;
  latency: DriftState;
  accuracy: DriftState | null;
  envelope: DriftState | null;
  pinnedSince: number | null;
  sentences: readonly string[];
  drifted: readonly DriftFinding[];
  watched: number;
}
