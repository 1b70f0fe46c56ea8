import type { Steps } from "../lib/index.ts";
import type { ClassifierEstimator } from "../routing/index.ts";
import type { PlanEntry, RouteEntry, RoutingTable, TenantEntry } from "../table/index.ts";
import {
  buildTokenIndex,
  keyIndexSteps,
  routeIndexSteps,
  type KeyIndex,
  type RouteIndex,
  type TokenIndex,
} from "../tenancy/index.ts";
import { classifierFor, type Classifiers } from "./classifiers.ts";
import { planIndexSteps, type PlanIndex } from "./plan-index.ts";

/** The table that a request holds from beginning to end, with the indices that requests need. */
export interface Snapshot {
  digest: string;
  table: RoutingTable;
  /** Milliseconds since the epoch. */
  loadedAt: number;
  routes: RouteIndex;
  keys: KeyIndex;
  tokens: TokenIndex;
  plans: PlanIndex;
  classifiers: Classifiers;
}

/** What the table has planned for a tenant's requests on a route: its own plan, else the route's pooled one. */
export function planFor(
  { plans }: Pick<Snapshot, "plans">,
  route: Pick<RouteEntry, "name">,
  tenant: Pick<TenantEntry, "name"> | null,
): PlanEntry | undefined {
  return plans.find(route.name, tenant?.name ?? null);
}

/** Who judges a route's requests; undefined: nobody, and only the backends' tiers tell how good they are. */
export function classifierOf(
  { classifiers }: Pick<Snapshot, "classifiers">,
  route: Pick<RouteEntry, "classifier">,
): ClassifierEstimator | undefined {
  return classifierFor(classifiers, route);
}

type Given = Pick<Snapshot, "digest" | "loadedAt" | "classifiers">;

/** @param previous what is not another in the new table is taken over from it */
export function* snapshotSteps(
  table: RoutingTable,
  { digest, loadedAt, classifiers }: Given,
  previous?: Snapshot,
): Steps<Snapshot> {
  return {
    digest,
    table,
    loadedAt,
    routes: yield* routeIndexSteps(table),
    keys: yield* keyIndexSteps(table),
    tokens: buildTokenIndex(table, previous?.tokens),
    plans: yield* planIndexSteps(table),
    classifiers,
  };
}
