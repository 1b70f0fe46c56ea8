import type { Envelope, RouteEntry, TenantEntry } from "../table/index.ts";
import type { Estimates } from "./estimate.ts";

const picoPerMicro = 1_000_000;

/** The route's envelope, bounded by the tenant's ceilings. */
export function effectiveEnvelope(route: RouteEntry, tenant: TenantEntry | null): Envelope {
  if (tenant === null || isOpen(tenant.envelope)) return route.envelope;
  if (isOpen(route.envelope)) return tenant.envelope;
  const envelope: Envelope = { ...route.envelope };
  for (const bound of bounds) {
    const ceiling = tenant.envelope[bound];
    if (ceiling !== undefined) envelope[bound] = Math.min(ceiling, envelope[bound] ?? Infinity);
  }
  return envelope;
}

const bounds = ["firstTokenP95Ms", "totalP95Ms", "maxMicroUsd"] as const;

function isOpen(envelope: Envelope): boolean {
  return (
    envelope.firstTokenP95Ms === undefined &&
    envelope.totalP95Ms === undefined &&
    envelope.maxMicroUsd === undefined
  );
}

/** Whether the estimates are inside every bound. */
export function keepsEnvelope(estimates: Estimates, envelope: Envelope): boolean {
  return (
    estimates.firstTokenP95Ms <= (envelope.firstTokenP95Ms ?? Infinity) &&
    estimates.totalP95Ms <= (envelope.totalP95Ms ?? Infinity) &&
    estimates.costPicoUsd <= (envelope.maxMicroUsd ?? Infinity) * picoPerMicro
  );
}
