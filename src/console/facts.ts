import type { DriftReport, RoutingTable } from "../table/index.ts";
import type { BudgetObservation } from "../telemetry/index.ts";
import type { TrafficReading } from "./traffic/recent-traffic.ts";

/** Who speaks. Instants are in milliseconds since the epoch here, and wherever a name ends in `At`. */
export interface Pod {
  name: string;
  namespace: string;
  routerClass: string;
  version: string;
  startedAt: number;
}

/** A backend as this router sees it. */
export interface BackendState {
  /** Open: ejected. Half-open: one request at a time finds out whether it is well again. */
  state: "closed" | "half_open" | "open";
  sinceAt: number | null;
  /** What it was ejected for: a short code. */
  reason: string | null;
  /** When it may be probed; null unless it is ejected. */
  probeAt: number | null;
  failuresInRow: number;
  /** Of recent attempts, 0 to 1. */
  errorShare: number;
  slowShare: number;
  inFlight: number;
  queued: number;
  /** What the router believes for the next request. */
  firstTokenP95Ms: number;
  tokensPerSecond: number;
}

/** The last run of the drift job, or why it cannot be shown. */
export type DriftLook =
  | { kind: "report"; report: DriftReport; hasPage: boolean }
  | { kind: "none"; why: string };

/** Everything that a page is made from: read at one moment, then never touched. */
export interface Facts {
  at: number;
  pod: Pod;
  /** Null before the first table: the router is not ready. */
  table: ServedTable | null;
  /** What the table's source, and issuers of tokens, have to complain of: sentences. */
  problems: readonly string[];
  /** That plans of the table are followed by no request, and why: sentences. */
  ignoredPlans: readonly string[];
  /** By the names of the table's backends. */
  backends: ReadonlyMap<string, BackendState>;
  traffic: TrafficReading;
  budgets: readonly BudgetObservation[];
  /** The store that tenants' limits are counted in; null where the router counts in its memory. */
  limitStore: { isAway: boolean; unsettled: number } | null;
  droppedRecords: number;
  drift: DriftLook;
}

export interface ServedTable {
  digest: string;
  loadedAt: number;
  /** When its source last said that it still is the one that is published; null: never. */
  confirmedAt: number | null;
  entries: RoutingTable;
}
