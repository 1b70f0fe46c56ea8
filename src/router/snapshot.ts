import type { RoutingTable } from "../table/index.ts";
import {
  buildKeyIndex,
  buildRouteIndex,
  buildTokenIndex,
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
export function buildSnapshot(
  table: RoutingTable,
  { digest, loadedAt }: Pick<Snapshot, "digest" | "loadedAt">,
  previous?: Snapshot,
): Snapshot {
  return {
    digest,
    table,
    loadedAt,
    routes: buildRouteIndex(table),
    keys: buildKeyIndex(table),
    tokens: buildTokenIndex(table, previous?.tokens),
  };
}
