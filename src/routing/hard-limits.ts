import type { BackendEntry, TenantEntry } from "../table/index.ts";
import { isObserved } from "./is-observed.ts";
import type { RequestNeeds } from "./request-needs.ts";

/**
 * What no candidate may break, in the order of the checks: the tenant's rules first, so that a
 * caller is told of what its request lacks only in view of the backends that it may use.
 */
export const limitNames = [
  "request_type",
  "allowed_backends",
  "residency",
  "data_classes",
  "capability",
  "dimensions",
  "max_output_tokens",
  "context",
] as const;

export type LimitName = (typeof limitNames)[number];

/** Why a candidate is out. The message is for those who run the router: it may name the backend. */
export interface Drop {
  limit: LimitName;
  message: string;
}

/** `tenant` is null for an anonymous caller, whom no policy narrows. */
type HardLimit = (
  backend: BackendEntry,
  needs: RequestNeeds,
  tenant: TenantEntry | null,
) => Drop | undefined;

const allowedBackends: HardLimit = (backend, _needs, tenant) => {
  if (tenant === null || isObserved(tenant)) return undefined;
  const allowed = tenant.allowedBackends;
  if (allowed === null || allowed.includes(backend.name)) return undefined;
  return {
    limit: "allowed_backends",
    message: `${backend.name} is not among the tenant's allowed backends`,
  };
};

const residency: HardLimit = (backend, _needs, tenant) => {
  const allowed = tenant?.residencyRegions ?? null;
  if (allowed === null) return undefined;
  const regions = backend.processingRegions;
  if (regions === null || regions.length === 0) {
    return {
      limit: "residency",
      message: `${backend.name} does not say where its data is processed`,
    };
  }
  for (const region of regions) {
    if (!allowed.includes(region)) {
      return { limit: "residency", message: `${backend.name} may process data in ${region}` };
    }
  }
  return undefined;
};

const dataClasses: HardLimit = (backend, _needs, tenant) => {
  for (const dataClass of tenant?.dataClasses ?? []) {
    if (!backend.dataClasses.includes(dataClass)) {
      return { limit: "data_classes", message: `${backend.name} is not cleared for ${dataClass}` };
    }
  }
  return undefined;
};

const capability: HardLimit = (backend, needs) => {
  for (const needed of needs.capabilities) {
    if (!backend.capabilities.includes(needed)) {
      return { limit: "capability", message: `${backend.name} lacks ${needed}` };
    }
  }
  if (!needs.schemaBound || followsSchemas(backend)) return undefined;
  return { limit: "capability", message: `${backend.name} lacks both JsonSchema and Tools` };
};

export function followsSchemas(backend: BackendEntry): boolean {
  return backend.capabilities.includes("JsonSchema") || backend.capabilities.includes("Tools");
}

const dimensions: HardLimit = (backend, needs) => {
  if (needs.dimensions === undefined || needs.dimensions === backend.embeddingDimensions)
    return undefined;
  const own = backend.embeddingDimensions ?? "an unknown number of";
  return { limit: "dimensions", message: `${backend.name} gives vectors of ${own} dimensions` };
};

const outputTokens: HardLimit = (backend, needs) => {
  if ((needs.maxOutputTokens ?? 0) <= backend.maxOutputTokens) return undefined;
  return {
    limit: "max_output_tokens",
    message: `${backend.name} gives at most ${backend.maxOutputTokens} tokens`,
  };
};

const context: HardLimit = (backend, needs) => {
  if (roomNeeded(needs) <= backend.contextWindow) return undefined;
  return {
    limit: "context",
    message: `${backend.name} has room for ${backend.contextWindow} tokens`,
  };
};

/** An answer that nobody bounded still has one token at least; embeddings have none. */
export function roomNeeded(needs: RequestNeeds): number {
  return needs.contextTokens + (needs.maxOutputTokens ?? 1);
}

const hardLimits: readonly HardLimit[] = [
  allowedBackends,
  residency,
  dataClasses,
  capability,
  dimensions,
  outputTokens,
  context,
];

/** The first hard limit that the candidate breaks. */
export function dropOf(
  backend: BackendEntry,
  needs: RequestNeeds,
  tenant: TenantEntry | null,
): Drop | undefined {
  for (const limit of hardLimits) {
    const drop = limit(backend, needs, tenant);
    if (drop !== undefined) return drop;
  }
  return undefined;
}

/** Whether the backend may serve the request at all: asked again before every attempt. */
export function permits(
  backend: BackendEntry,
  needs: RequestNeeds,
  tenant: TenantEntry | null,
): boolean {
  return dropOf(backend, needs, tenant) === undefined;
}
