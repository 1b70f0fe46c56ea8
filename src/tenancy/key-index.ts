import { timingSafeEqual } from "node:crypto";
import { atOnce, type Steps } from "../lib/index.ts";
import type { ApiKeyEntry, RoutingTable, TenantEntry } from "../table/index.ts";

export interface KnownKey {
  tenant: TenantEntry;
  key: ApiKeyEntry;
  digest: Buffer;
}

/** The keys of a table by their digest; built once a snapshot. */
export type KeyIndex = ReadonlyMap<string, KnownKey>;

/**
 * A digest that stands twice belongs to the tenant that comes first in the table; compile has told
 * the other's author. A denied tenant's keys are in the index: they are known, and refused.
 */
export const buildKeyIndex = (table: Pick<RoutingTable, "tenants">): KeyIndex =>
  atOnce(keyIndexSteps(table));

export function* keyIndexSteps(table: Pick<RoutingTable, "tenants">): Steps<KeyIndex> {
  const index = new Map<string, KnownKey>();
  for (const tenant of Object.values(table.tenants)) {
    yield;
    for (const key of tenant.keys) {
      if (index.has(key.sha256)) continue;
      index.set(key.sha256, { tenant, key, digest: Buffer.from(key.sha256, "hex") });
    }
  }
  return index;
}

/**
 * Looks a key up by its digest. What a caller learns from the time of a map's look-up is about a hash
 * it cannot steer; the digests themselves are compared in constant time.
 */
export function findKey(index: KeyIndex, digest: Buffer): KnownKey | undefined {
  const known = index.get(digest.toString("hex"));
  if (known === undefined || known.digest.length !== digest.length) return undefined;
  return timingSafeEqual(known.digest, digest) ? known : undefined;
}
