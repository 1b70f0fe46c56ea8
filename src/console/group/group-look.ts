import type { Result } from "../../lib/index.ts";
import type { LatencyFigures } from "../console-view.ts";

/** One series of an answer: its labels, and its value now. */
export interface GroupSample {
  labels: Readonly<Record<string, string>>;
  value: number | null;
}

/** Asks the group's metrics store; what went wrong is the rest of a sentence, without secrets. */
export type AskGroup = (
  query: string,
  signal: AbortSignal,
) => Promise<Result<readonly GroupSample[], string>>;

/** What all routers of a group have seen, as their metrics store tells it. */
export interface GroupView {
  at: number;
  /** How many routers serve which table. */
  tables: readonly { digest: string; routers: number }[];
  routes: readonly GroupRoute[];
  latency: readonly GroupLatency[];
  backends: readonly GroupBackend[];
  spend: readonly GroupSpend[];
  /** What could not be asked, each as a sentence. */
  missing: readonly string[];
}

export interface GroupRoute {
  route: string;
  perSecond: number;
  failedShare: number | null;
  fallbackShare: number | null;
}

export interface GroupLatency {
  route: string;
  backend: string;
  firstToken: Quantiles | null;
  total: Quantiles | null;
}

export type Quantiles = Pick<LatencyFigures, "p50Ms" | "p95Ms">;

export interface GroupBackend {
  backend: string;
  /** Routers that see it so. */
  ready: number;
  triedAgain: number;
  ejected: number;
}

/** Over the last 24 hours. */
export interface GroupSpend {
  tenant: string;
  costUsd: number;
  baselineUsd: number;
  savedShare: number | null;
  budgets: readonly { limit: string; used: number; most: number; share: number }[];
}

/** `off`: no store is set up. `unasked`: the page is about one router. `silent`: the store does not answer. */
export type GroupLook =
  | { kind: "off" }
  | { kind: "unasked" }
  | { kind: "silent"; why: string }
  | { kind: "view"; view: GroupView };
