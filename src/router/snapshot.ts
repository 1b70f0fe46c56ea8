import type { RoutingTable } from "../table/index.ts";
import {
  buildKeyIndex,
  buildRouteIndex,
  type KeyIndex,
  type RouteIndex,
} from "../tenancy/index.ts";

/** The table that a request holds from beginning to end, with the indices that requests need. */
export interface Snapshot {
  digest: string;
  table: RoutingTable;
  /** Milliseconds since the epoch. */
  loadedAt: number;
  routes: RouteIndex;
  keys: KeyIndex;
}

export function buildSnapshot(table: RoutingTable, digest: string, loadedAt: number): Snapshot {
  return { digest, table, loadedAt, routes: buildRouteIndex(table), keys: buildKeyIndex(table) };
}
