import type { RoutingTable } from "./routing-table.ts";

/** Digest of the classifier model of the group's own that its routes name; undefined where none does. */
export function ownModel({ routes }: Pick<RoutingTable, "routes">): string | undefined {
  for (const name in routes) {
    const digest = routes[name]?.classifier;
    if (digest !== undefined) return digest;
  }
  return undefined;
}
