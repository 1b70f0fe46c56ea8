import type { Finding, ModelRouteSpec, TenantPolicySpec } from "../api/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../table/index.ts";
import { byLabels, selected, type Alike } from "./alike-routes.ts";
import { adviseOnAmounts } from "./amount-advice.ts";
import { budgetsOutOfReach } from "./budget-advice.ts";
import { adviseOnFilters } from "./filter-advice.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { adviseOnKeys } from "./key-advice.ts";
import { onceEach } from "./once-each.ts";
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
    const groups = selected(entry, served);
    const routes = groups.flatMap((group) => group.routes);
    const { backends } = scope;
    return [
      ...adviseOnKeys(draft, scope.now),
      ...budgetsOutOfReach(draft),
      ...unknownBackends(draft, scope),
      ...unusedBackends(draft, selected(entry, declared), scope),
      ...nothingSelected(draft, entry, declared),
      ...adviseOnRoutes(draft.ref, entry, { routes, backends }),
      ...adviseOnAmounts(draft.ref, entry, { groups, backends }),
      ...adviseOnFilters(draft.ref, entry, routes),
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
  groups: readonly Alike<Draft<ModelRouteSpec>>[],
  { declared }: AdviceScope,
): Finding[] {
  if (spec?.allowedBackends === undefined || groups.length === 0) return [];
  const named = new Set<string>();
  for (const group of groups) {
    const names = namedBackends(group);
    // What a route names that cannot be read, nobody can tell.
    if (names === undefined) return [];
    for (const name of names) named.add(name);
  }
  return spec.allowedBackends.flatMap(({ name }, index) => {
    if (named.has(name) || !declared.has(name)) return [];
    const message = `Tenant ${ref.name} allows the backend ${name}, which is a candidate on none of the routes that it may call: remove the name, or add the backend to a route.`;
    return [judge("BackendNotUsed", ref, message, `spec.allowedBackends[${index}].name`)];
  });
}

/** Undefined where one of the routes cannot be read. */
const namedBackends = onceEach(
  ({ routes }: Alike<Draft<ModelRouteSpec>>): ReadonlySet<string> | undefined => {
    const names = routes.map(({ spec }) => spec?.candidates.map(({ backend }) => backend.name));
    return names.includes(undefined) ? undefined : new Set(names.flatMap((each) => each ?? []));
  },
);

function nothingSelected(
  { ref }: Draft<TenantPolicySpec>,
  entry: TenantEntry,
  declared: readonly Alike<Draft<ModelRouteSpec>>[],
): Finding[] {
  if (entry.routes === null || selected(entry, declared).length > 0) return [];
  const message = `The selector of tenant ${ref.name} matches no route of namespace ${ref.namespace}, so its callers reach none: correct it, or label the routes.`;
  return [judge("NothingSelected", ref, message, "spec.routes.selector")];
}
