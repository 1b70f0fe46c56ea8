import type { BackendEntry, TenantEntry } from "../table/index.ts";

/** A field of a policy that keeps a backend from its tenant. */
export type PermissionField = "allowedBackends" | "residency" | "dataClasses";

/** The first field of a tenant's policy that keeps a backend from it; undefined where it may be used. */
export function withheldBy(
  tenant: TenantEntry,
  backend: BackendEntry,
): PermissionField | undefined {
  const { allowedBackends, residencyRegions, dataClasses } = tenant;
  if (allowedBackends !== null && !allowedBackends.includes(backend.name)) return "allowedBackends";
  if (residencyRegions !== null && !staysWithin(backend.processingRegions, residencyRegions))
    return "residency";
  return dataClasses.every((each) => backend.dataClasses.includes(each))
    ? undefined
    : "dataClasses";
}

function staysWithin(regions: readonly string[] | null, allowed: readonly string[]): boolean {
  return (
    regions !== null && regions.length > 0 && regions.every((region) => allowed.includes(region))
  );
}
