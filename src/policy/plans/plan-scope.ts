import {
  matchesLabels,
  type BackendEntry,
  type RouteEntry,
  type RoutingTable,
  type TenantEntry,
} from "../../table/index.ts";

/** The requests that one plan is for. */
export interface PlanScope {
  route: RouteEntry;
  /** Null: all of the route's, the pooled plan's. */
  tenant: TenantEntry | null;
}

/** The scopes that a job makes plans for: each route that chooses by cost, pooled and for tenants who want their own. */
export function scopesOf({
  routes,
  tenants,
}: Pick<RoutingTable, "routes" | "tenants">): PlanScope[] {
  return Object.values(routes)
    .filter(({ type, selection }) => type === "Chat" && selection === "CheapestWithinEnvelope")
    .toSorted(byName)
    .flatMap((route) => [
      { route, tenant: null },
      ...Object.values(tenants)
        .filter((tenant) => tenant.plan?.enabled === true && tenant.denied === undefined)
        .filter(
          ({ routes: selector }) => selector !== null && matchesLabels(selector, route.labels),
        )
        .toSorted(byName)
        .map((tenant) => ({ route, tenant })),
    ]);
}

const byName = (left: { name: string }, right: { name: string }): number =>
  left.name < right.name ? -1 : 1;

/**
 * The backends that its requests may be sent to, the baseline last; none where the baseline is not among
 * them, since nothing is measured without it.
 */
export function candidatesOf(
  { route, tenant }: PlanScope,
  backends: Readonly<Record<string, BackendEntry>>,
): string[] {
  const allowed = tenant?.allowedBackends ?? null;
  const names = new Set(
    route.candidates
      .map(({ backend }) => backend)
      .filter((name) => backends[name] !== undefined)
      .filter((name) => allowed === null || allowed.includes(name)),
  );
  return names.delete(route.baseline) ? [...names, route.baseline] : [];
}

/** By candidate: the largest share of the requests, 0..1. */
export function shareLimits({ route }: PlanScope, candidates: readonly string[]): Float64Array {
  return Float64Array.from(candidates, (name) => {
    const entry = route.candidates.find(({ backend }) => backend === name);
    return (entry?.maxSharePercent ?? 100) / 100;
  });
}
