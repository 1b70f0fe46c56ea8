import { canonicalJson, type Json } from "../lib/index.ts";
import { contentDigest } from "./digest.ts";
import type { PlanEntry, UnsignedPlan } from "./plan-entry.ts";
import type { BackendEntry } from "./routing-table.ts";

/** The plan's key in a table: the route's name for the pooled plan, `route/tenant` for a tenant's own. */
export function planName({ route, tenant }: Pick<PlanEntry, "route" | "tenant">): string {
  return tenant === null ? route : `${route}/${tenant}`;
}

/** What a plan's `digest` must say. */
export function planDigest({
  lambda,
  candidates,
  prior,
  model,
  certificate,
}: UnsignedPlan): string {
  const content = {
    lambda,
    candidates,
    model,
    certificate,
    ...(prior === undefined ? {} : { prior }),
  };
  return contentDigest(canonicalJson(content as unknown as Json));
}

/** What a certificate's `prices` must say, for the entries of its plan's candidates in any order. */
export function pricesDigest(entries: Iterable<Pick<BackendEntry, "name" | "prices">>): string {
  const prices = Object.fromEntries([...entries].map(({ name, prices: each }) => [name, each]));
  return contentDigest(canonicalJson(prices as unknown as Json));
}
