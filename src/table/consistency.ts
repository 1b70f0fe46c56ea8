import type { Steps } from "../lib/index.ts";
import type { RoutingTable } from "./routing-table.ts";

/**
 * What no bucket can tell alone: candidates that are there, and names and keys that stand once.
 *
 * @returns the first contradiction as a sentence, or undefined
 */
export function* findContradiction(
  table: Pick<RoutingTable, "backends" | "routes" | "tenants">,
): Steps<string | undefined> {
  return (
    (yield* danglingCandidate(table)) ?? (yield* sharedModel(table)) ?? (yield* sharedKey(table))
  );
}

function* danglingCandidate({
  routes,
  backends,
}: Pick<RoutingTable, "backends" | "routes">): Steps<string | undefined> {
  const known = new Set(Object.keys(backends));
  for (const route of Object.values(routes)) {
    yield;
    const missing = route.candidates.find(({ backend }) => !known.has(backend));
    if (missing !== undefined)
      return `Route ${route.name} has the candidate ${missing.backend}, which the table lacks`;
  }
  return undefined;
}

function* sharedModel({ routes }: Pick<RoutingTable, "routes">): Steps<string | undefined> {
  const owners = new Map<string, string>();
  for (const route of Object.values(routes)) {
    yield;
    for (const model of route.models) {
      const owner = owners.get(model);
      if (owner !== undefined)
        return `Routes ${owner} and ${route.name} both serve the model ${JSON.stringify(model)}`;
      owners.set(model, route.name);
    }
  }
  return undefined;
}

function* sharedKey({ tenants }: Pick<RoutingTable, "tenants">): Steps<string | undefined> {
  const owners = new Map<string, string>();
  for (const tenant of Object.values(tenants)) {
    yield;
    for (const { sha256, id } of tenant.keys) {
      const owner = owners.get(sha256);
      if (owner !== undefined) return `Tenants ${owner} and ${tenant.name} both hold the key ${id}`;
      owners.set(sha256, tenant.name);
    }
  }
  return undefined;
}
