import type { BackendEntry, PlanEntry, RouteEntry, TenantEntry } from "../table/index.ts";
import type { BackendHealth } from "./backend-health.ts";
import type { Estimator } from "./estimator.ts";
import type { LatencyBook } from "./latency-book.ts";
import type { RequestNeeds } from "./request-needs.ts";

/** What is left to chance, each in [0, 1) and drawn without a look at the request. */
export interface Draws {
  /** Which candidate of a Weighted route. */
  weight: number;
  /** Whether the request is put in the control arm. */
  control: number;
  /** Whether it follows the plan that is being rolled out. */
  rollout: number;
}

/** All that a choice follows from: the same input gives the same choice. */
export interface ChoiceInput {
  route: RouteEntry;
  /** The table's. */
  backends: Readonly<Record<string, BackendEntry>>;
  /** Null for an anonymous caller. */
  tenant: TenantEntry | null;
  needs: RequestNeeds;
  book: LatencyBook;
  health: BackendHealth;
  /** Whether the backend may have one more call, or a request more that waits for one. */
  hasRoom: (backend: BackendEntry) => boolean;
  /** Whether the candidate's share of the route's recent requests allows one more. Absent: none is bounded. */
  hasShare?: (backend: BackendEntry) => boolean;
  draws: Draws;
  /** Milliseconds since the epoch, for what expires. */
  now: number;
  /** The route's classifier. Absent: there is none, and the tier alone judges. */
  estimator?: Estimator | undefined;
  /** The tenant's own plan entry for the route, else the pooled one. Absent: there is neither. */
  plan?: PlanEntry | undefined;
}
