import type { Steps } from "../lib/index.ts";
import type { RoutingTable } from "../table/index.ts";
import {
  buildTokenIndex,
  keyIndexSteps,
  routeIndexSteps,
  type KeyIndex,
  type RouteIndex,
  type TokenIndex,
} from "../tenancy/index.ts";

/** The table that a request holds from beginning to end, with the indices that requests need. */
export interface Snapshot {
  digest: string;
  table: RoutingTable;
  /** Milliseconds since the epoch. */
  loadedAt: number;
  routes: RouteIndex;
  keys: KeyIndex;
  tokens: TokenIndex;
}

/** @param previous what is not another in the new table is taken over from it */
export function* snapshotSteps(
  table: RoutingTable,
  { digest, loadedAt }: Pick<Snapshot, "digest" | "loadedAt">,
  previous?: Snapshot,
): Steps<Snapshot> {
  return {
    digest,
    table,
    loadedAt,
    routes: yield* routeIndexSteps(table),
    keys: yield* keyIndexSteps(table),
    tokens: buildTokenIndex(table, previous?.tokens),
  };
}
