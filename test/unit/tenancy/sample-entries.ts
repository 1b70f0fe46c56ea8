import { createHash } from "node:crypto";

import type { ApiKeyEntry, RouteEntry, TenantEntry } from "../../../src/table/index.ts";

export function keyEntry(value: string, changes: Partial<ApiKeyEntry> = {}): ApiKeyEntry {
  const sha256 = createHash("sha256").update(value).digest("hex");
  return { id: `id-of-${value}`, sha256, ...changes };
}

export function tenantEntry(name: string, changes: Partial<TenantEntry> = {}): TenantEntry {
  return {
    name,
    keys: [],
    routes: null,
    allowedBackends: null,
    residencyRegions: null,
    dataClasses: [],
    envelope: {},
    budgets: [],
    rateLimits: {},
    enforcement: "Enforce",
    storeFailure: "FailOpen",
    ...changes,
  };
}

export function routeEntry(name: string, changes: Partial<RouteEntry> = {}): RouteEntry {
  return {
    name,
    type: "Chat",
    models: [name],
    access: "Tenants",
    labels: {},
    envelope: {},
    quality: { floorPercent: 95, assurance: "Certified" },
    baseline: "only",
    selection: "Ordered",
    candidates: [{ backend: "only", weight: 1 }],
    fallback: { when: [], maxAttempts: 1, totalTimeoutMs: 1_000, retryBudgetPercent: 20 },
    createdAt: 0,
    ...changes,
  };
}

export function byName<Entry extends { name: string }>(
  entries: readonly Entry[],
): Record<string, Entry> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}
