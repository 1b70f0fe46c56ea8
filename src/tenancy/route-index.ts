import { atOnce, type Steps } from "../lib/index.ts";
import {
  matchesLabels,
  type RouteEntry,
  type RoutingTable,
  type TenantEntry,
} from "../table/index.ts";

/** The routes of a table as callers name them; built once a snapshot. */
export class RouteIndex {
  readonly byModel: ReadonlyMap<string, RouteEntry>;
  readonly #routes: readonly RouteEntry[];
  #all: readonly RouteEntry[] | undefined;
  #anonymous: readonly RouteEntry[] | undefined;

  constructor(byModel: ReadonlyMap<string, RouteEntry>, routes: readonly RouteEntry[]) {
    this.byModel = byModel;
    this.#routes = routes;
  }

  /** By name: a table's own order is that of its buckets. Sorted when it is asked for, which is seldom. */
  get all(): readonly RouteEntry[] {
    this.#all ??= this.#routes.toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return this.#all;
  }

  /** Those with access Anonymous. */
  get anonymous(): readonly RouteEntry[] {
    this.#anonymous ??= this.all.filter((route) => route.access === "Anonymous");
    return this.#anonymous;
  }
}

export const buildRouteIndex = (table: Pick<RoutingTable, "routes">): RouteIndex =>
  atOnce(routeIndexSteps(table));

/** A model's name stands in one route alone: the table has been checked for that. */
export function* routeIndexSteps(table: Pick<RoutingTable, "routes">): Steps<RouteIndex> {
  const byModel = new Map<string, RouteEntry>();
  const routes: RouteEntry[] = [];
  for (const name in table.routes) {
    const route = table.routes[name];
    if (route === undefined) continue;
    routes.push(route);
    for (const model of route.models) byModel.set(model, route);
    yield;
  }
  return new RouteIndex(byModel, routes);
}

/** What anyone may call, a tenant may too, whatever its selector says. */
export function mayUseRoute(tenant: TenantEntry, route: RouteEntry): boolean {
  if (route.access === "Anonymous") return true;
  return tenant.routes !== null && matchesLabels(tenant.routes, route.labels);
}
