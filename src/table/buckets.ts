import { createHash } from "node:crypto";

import type { PlanEntry } from "./plan-entry.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "./routing-table.ts";

/** Fixed for a schema version: slots have fixed names, and a router's Role names each of them. */
export const bucketCount = 32;

export type EntryKind = "backends" | "plans" | "routes" | "tenants";

/** In the order of canonical JSON. */
export const entryKinds: readonly EntryKind[] = ["backends", "plans", "routes", "tenants"];

/** The part of a table that one bucket holds. */
export interface Bucket {
  backends: Record<string, BackendEntry>;
  /** By `planName`. */
  plans: Record<string, PlanEntry>;
  routes: Record<string, RouteEntry>;
  tenants: Record<string, TenantEntry>;
}

export const emptyBucket = (): Bucket => ({ backends: {}, plans: {}, routes: {}, tenants: {} });

/**
 * The bucket of an entry: the first byte of the SHA-256 of `kind/name`, modulo their number. It
 * depends on nothing else, so that a changed entry rewrites one bucket and no other.
 */
export function bucketOf(kind: EntryKind, name: string): number {
  const key = `${kind}/${name}`;
  const known = knownBuckets.get(key);
  if (known !== undefined) return known;
  const [first = 0] = createHash("sha256").update(key).digest();
  if (knownBuckets.size >= mostKnown) knownBuckets.clear();
  knownBuckets.set(key, first % bucketCount);
  return first % bucketCount;
}

/** Each table asks for all of its names again. */
const knownBuckets = new Map<string, number>();
const mostKnown = 50_000;
