import type { AuditedWrite } from "../../../support/kube/audit.ts";

const kindOfConfigMap = (name: string): string => {
  if (name.endsWith("-table")) return "pointer";
  return name.includes("-bucket-") ? "bucket slot" : `configmap ${name}`;
};

/** How many writes of each kind there were. Leases are left out: they are renewed whether anything changes or not. */
export function countWrites(writes: readonly AuditedWrite[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { resource, name } of writes) {
    if (resource === "leases") continue;
    const what = resource === "configmaps" ? kindOfConfigMap(name) : resource;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([left], [right]) => left.localeCompare(right));
  return Object.fromEntries(sorted);
}
