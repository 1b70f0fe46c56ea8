import type { RouteEntry, RoutingTable } from "../../../src/table/index.ts";

const route = (name: string): RouteEntry => ({
  name,
  type: "Chat",
  models: [name],
  access: "Anonymous",
  labels: {},
  envelope: {},
  quality: { floorPercent: 95, assurance: "Estimated" },
  baseline: "gone",
  selection: "Ordered",
  candidates: [],
  fallback: {
    when: ["RateLimited"],
    maxAttempts: 2,
    totalTimeoutMs: 60_000,
    retryBudgetPercent: 20,
  },
  createdAt: 0,
});

/** A table of routes, each with a model of its own name, and no backend. */
export function tableOf(
  namespace: string,
  names: readonly string[],
  members: Readonly<Record<string, Partial<RouteEntry>>> = {},
): RoutingTable {
  return {
    schemaVersion: 1,
    group: { namespace, routerClass: "default" },
    backends: {},
    routes: Object.fromEntries(names.map((name) => [name, { ...route(name), ...members[name] }])),
    tenants: {},
    plans: {},
  };
}
