import type { Finding, ModelRouteSpec, TenantPolicySpec } from "../api/index.ts";
import { canonicalText } from "../lib/index.ts";
import {
  matchesLabels,
  type BackendEntry,
  type RouteEntry,
  type TenantEntry,
} from "../table/index.ts";
import { adviseOnAmounts } from "./amount-advice.ts";
import { budgetsOutOfReach } from "./budget-advice.ts";
import { adviseOnFilters } from "./filter-advice.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { adviseOnKeys } from "./key-advice.ts";
import { overlappingSubjects } from "./subject-advice.ts";
import { adviseOnRoutes } from "./tenant-route-advice.ts";

export interface AdviceScope {
  /** Those that are in some chain. */
  backends: ReadonlyMap<string, BackendEntry>;
  routes: ReadonlyMap<string, RouteEntry>;
  /** The routes of every class: a policy may be there for another group. */
  routeDrafts: readonly Draft<ModelRouteSpec>[];
  /** Every backend of the namespace. */
  declared: ReadonlySet<string>;
  /** Milliseconds since the epoch; undefined where nothing is to depend on the time. */
  now: number | undefined;
  suggest: (wrong: string) => string | undefined;
}

/** What a valid policy is probably not meant to say; none of it keeps the policy from being used. */
export function adviseTenants(
  drafts: readonly Draft<TenantPolicySpec>[],
  entries: ReadonlyMap<string, TenantEntry>,
  scope: AdviceScope,
): Finding[] {
  const served = byLabels(scope.routes.values());
  const declared = byLabels(scope.routeDrafts);
  const found = drafts.flatMap((draft) => {
    const entry = entries.get(draft.ref.name);
    if (entry === undefined || entry.denied !== undefined) return [];
    const callable = { routes: selected(entry, served), backends: scope.backends };
    return [
      ...adviseOnKeys(draft, scope.now),
      ...budgetsOutOfReach(draft),
      ...unknownBackends(draft, scope),
      ...unusedBackends(draft, entry, declared, scope),
      ...nothingSelected(draft, entry, declared),
      ...adviseOnRoutes(draft.ref, entry, callable),
      ...adviseOnAmounts(draft.ref, entry, callable),
      ...adviseOnFilters(draft.ref, entry, callable.routes),
    ];
  });
  return [...found, ...overlappingSubjects(drafts)];
}

function unknownBackends(
  { ref, spec }: Draft<TenantPolicySpec>,
  { declared, suggest }: AdviceScope,
): Finding[] {
  return (spec?.allowedBackends ?? []).flatMap(({ name }, index) => {
    if (declared.has(name)) return [];
    const meant = suggest(name);
    const advice = meant === undefined ? "Apply it, or remove the name." : `Did you mean ${meant}?`;
    const message = `Tenant ${ref.name} allows the backend ${name}, and namespace ${ref.namespace} has no ModelBackend of that name. ${advice}`;
    return [judge("BackendNotFound", ref, message, `spec.allowedBackends[${index}].name`)];
  });
}

/** One that a route of another class names is used there. */
function unusedBackends(
  { ref, spec }: Draft<TenantPolicySpec>,
  entry: TenantEntry,
  declaredRoutes: readonly Alike<Draft<ModelRouteSpec>>[],
  { declared }: AdviceScope,
): Finding[] {
  if (spec?.allowedBackends === undefined) return [];
  const routes = selected(entry, declaredRoutes);
  // What a route names that cannot be read, nobody can tell.
  if (routes.length === 0 || routes.some((route) => route.spec === undefined)) return [];
  const named = new Set(
    routes.flatMap((route) => (route.spec?.candidates ?? []).map(({ backend }) => backend.name)),
  );
  return spec.allowedBackends.flatMap(({ name }, index) => {
    if (named.has(name) || !declared.has(name)) return [];
    const message = `Tenant ${ref.name} allows the backend ${name}, which is a candidate on none of the routes that it may call: remove the name, or add the backend to a route.`;
    return [judge("BackendNotUsed", ref, message, `spec.allowedBackends[${index}].name`)];
  });
}

function nothingSelected(
  { ref }: Draft<TenantPolicySpec>,
  entry: TenantEntry,
  declared: readonly Alike<Draft<ModelRouteSpec>>[],
): Finding[] {
  if (entry.routes === null || selected(entry, declared).length > 0) return [];
  const message = `The selector of tenant ${ref.name} matches no route of namespace ${ref.namespace}, so its callers reach none: correct it, or label the routes.`;
  return [judge("NothingSelected", ref, message, "spec.routes.selector")];
}

/** Routes that share their labels, so that a selector is held against each set of labels once. */
interface Alike<Route> {
  labels: Readonly<Record<string, string>>;
  routes: Route[];
}

function byLabels<Route extends { labels: Readonly<Record<string, string>> }>(
  routes: Iterable<Route>,
): Alike<Route>[] {
  const groups = new Map<string, Alike<Route>>();
  for (const route of routes) {
    const key = canonicalText(route.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: route.labels, routes: [route] });
    else group.routes.push(route);
  }
  return [...groups.values()];
}

function selected<Route>(
  { routes: selector }: TenantEntry,
  groups: readonly Alike<Route>[],
): Route[] {
  if (selector === null) return [];
  return groups.flatMap(({ labels, routes }) => (matchesLabels(selector, labels) ? routes : []));
}
