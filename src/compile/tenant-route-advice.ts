import type { Finding, ResourceRef } from "../api/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../table/index.ts";
import { compareTexts, judge, listed } from "./judgement.ts";
import { withheldBy, type PermissionField } from "./permission.ts";
import { leansOnBaseline } from "./route-advice.ts";

interface Routes {
  /** Those that the tenant may call. */
  routes: readonly RouteEntry[];
  backends: ReadonlyMap<string, BackendEntry>;
}

/** What comes of a tenant's bounds on the routes that it may call: one finding for routes of one fate. */
export function adviseOnRoutes(
  ref: ResourceRef,
  tenant: TenantEntry,
  { routes, backends }: Routes,
): Finding[] {
  const withheld = memoized((name: string) => {
    const backend = backends.get(name);
    return backend === undefined ? undefined : withheldBy(tenant, backend);
  });
  const barred: RouteEntry[] = [];
  const fields = new Set<PermissionField>();
  const withoutBaseline = new Map<string, RouteEntry[]>();
  const tooSlow: Record<Ceiling, RouteEntry[]> = { firstTokenP95: [], totalP95: [] };
  const bounded = ceilings.filter((ceiling) => tenant.envelope[`${ceiling}Ms`] !== undefined);
  for (const route of routes) {
    const permitted = route.candidates.filter(({ backend }) => withheld(backend) === undefined);
    const baselineHeldBy = leansOnBaseline(route) ? withheld(route.baseline) : undefined;
    if (route.candidates.length > 0 && permitted.length === 0) {
      barred.push(route);
      for (const { backend } of route.candidates)
        fields.add(withheld(backend) ?? "allowedBackends");
    } else if (baselineHeldBy !== undefined) {
      withoutBaseline.set(route.baseline, [...(withoutBaseline.get(route.baseline) ?? []), route]);
    }
    for (const ceiling of bounded.filter(isTooSlow(tenant, permitted, backends)))
      tooSlow[ceiling].push(route);
  }
  return [
    ...barredFrom(ref, barred, fields),
    ...[...withoutBaseline].map(([baseline, deprived]) =>
      baselineWithheld(ref, baseline, deprived),
    ),
    ...ceilings.flatMap((ceiling) => ceilingUnreachable(ref, tenant, ceiling, tooSlow[ceiling])),
  ];
}

/** A whole answer takes as long as its first token at least. */
const ceilings = ["firstTokenP95", "totalP95"] as const;

type Ceiling = (typeof ceilings)[number];

function isTooSlow(
  { envelope }: TenantEntry,
  permitted: RouteEntry["candidates"],
  backends: ReadonlyMap<string, BackendEntry>,
): (ceiling: Ceiling) => boolean {
  return (ceiling) => {
    const bound = envelope[`${ceiling}Ms`];
    if (bound === undefined || permitted.length === 0) return false;
    return permitted.every(
      ({ backend }) => (backends.get(backend)?.expectations.firstTokenP95Ms ?? 0) > bound,
    );
  };
}

function barredFrom(
  ref: ResourceRef,
  routes: readonly RouteEntry[],
  fields: ReadonlySet<PermissionField>,
): Finding[] {
  if (routes.length === 0) return [];
  const causes = [...fields].toSorted(compareTexts);
  const [cause] = causes;
  const path = causes.length === 1 && cause !== undefined ? `spec.${cause}` : "spec";
  const message = `Tenant ${ref.name} may call ${named(routes)} and may use none of the candidates there, because of its ${listed(causes)}: widen what it may use, or add a candidate that fits.`;
  return [judge("NothingPermitted", ref, message, path)];
}

function baselineWithheld(
  ref: ResourceRef,
  baseline: string,
  routes: readonly RouteEntry[],
): Finding {
  const message = `Tenant ${ref.name} may not use backend ${baseline}, the baseline of the certified ${named(routes)}: the best of the candidates that it may use serves it there, without the route's assurance.`;
  return judge("BaselineNotPermitted", ref, message);
}

function ceilingUnreachable(
  ref: ResourceRef,
  tenant: TenantEntry,
  ceiling: Ceiling,
  routes: readonly RouteEntry[],
): Finding[] {
  if (routes.length === 0) return [];
  const what = ceiling === "totalP95" ? "a whole answer" : "a first token";
  const alone = ceiling === "totalP95" ? " for its first token alone" : "";
  const message = `Tenant ${ref.name} wants ${what} within ${tenant.envelope[`${ceiling}Ms`] ?? 0} ms, and every candidate that it may use on ${named(routes)} is expected to take longer${alone}: raise the ceiling, or allow a quicker backend.`;
  return [judge("EnvelopeUnreachable", ref, message, `spec.envelope.${ceiling}`)];
}

function named(routes: readonly RouteEntry[]): string {
  const names = routes.map(({ name }) => name).toSorted(compareTexts);
  return `${names.length === 1 ? "route" : "routes"} ${listed(names)}`;
}

function memoized<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, { value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: compute(key) };
    known.set(key, found);
    return found.value;
  };
}
