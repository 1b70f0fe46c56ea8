import type { RouteEntry, TenantEntry } from "../table/index.ts";
import type { Choice } from "./choice.ts";
import { effectiveEnvelope, keepsEnvelope } from "./envelope.ts";
import { isObserved } from "./is-observed.ts";

/** A bound of a policy that only observes, as the record names it. */
type ObservedBound = "allowed_backends" | "envelope";

/** The bounds for which nothing would have served the request. */
export function wouldRefuse(choice: Choice, tenant: TenantEntry | null): ObservedBound[] {
  const allowed = observedBackends(tenant);
  if (allowed === null) return [];
  const permitted = [...choice.chain.map(({ backend }) => backend), ...choice.away];
  return permitted.some(({ name }) => allowed.includes(name)) ? [] : ["allowed_backends"];
}

/**
 * The bounds for which another candidate would have served the request.
 *
 * @param called the names of the backends that were called for it
 */
export function wouldDivert(
  called: readonly string[],
  choice: Choice,
  route: RouteEntry,
  tenant: TenantEntry | null,
): ObservedBound[] {
  if (!isObserved(tenant) || wouldRefuse(choice, tenant).length > 0) return [];
  const allowed = observedBackends(tenant);
  const bounds: ObservedBound[] = [];
  if (allowed !== null && called.some((name) => !allowed.includes(name)))
    bounds.push("allowed_backends");
  if (leavesCeilings(choice, route, tenant)) bounds.push("envelope");
  return bounds;
}

function observedBackends(tenant: TenantEntry | null): readonly string[] | null {
  return tenant !== null && isObserved(tenant) ? tenant.allowedBackends : null;
}

/** Where no candidate is expected to keep the ceilings the enforced policy would have changed nothing. */
function leavesCeilings({ chain }: Choice, route: RouteEntry, tenant: TenantEntry | null): boolean {
  const envelope = effectiveEnvelope(route, tenant);
  const [first, ...others] = chain.map(({ estimates }) => keepsEnvelope(estimates, envelope));
  return first === false && others.includes(true);
}
