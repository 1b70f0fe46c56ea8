import {
  matchesLabels,
  type RouteEntry,
  type RoutingTable,
  type TenantEntry,
} from "../table/index.ts";

/** The routes of a table as callers name them; built once a snapshot. */
export interface RouteIndex {
  byModel: ReadonlyMap<string, RouteEntry>;
  /** By name: a table's own order is that of its buckets. */
  all: readonly RouteEntry[];
  /** Those with access Anonymous. */
  anonymous: readonly RouteEntry[];
}

export function buildRouteIndex(table: Pick<RoutingTable, "routes">): RouteIndex {
  const all = Object.values(table.routes).toSorted((left, right) =>
    left.name < right.name ? -1 : 1,
  );
  const byModel = new Map<string, RouteEntry>();
  for (const route of all) {
    for (const model of route.models) {
      if (!byModel.has(model)) byModel.set(model, route);
    }
  }
  return { byModel, all, anonymous: all.filter((route) => route.access === "Anonymous") };
}

/** What anyone may call, a tenant may too, whatever its selector says. */
export function mayUseRoute(tenant: TenantEntry, route: RouteEntry): boolean {
  if (route.access === "Anonymous") return true;
  return tenant.routes !== null && matchesLabels(tenant.routes, route.labels);
}
