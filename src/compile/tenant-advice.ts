import type { Finding, ModelRouteSpec, TenantPolicySpec } from "../api/index.ts";
import { canonicalText } from "../lib/index.ts";
import {
  matchesLabels,
  type BackendEntry,
  type RouteEntry,
  type TenantEntry,
} from "../table/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { adviseOnRoutes } from "./tenant-route-advice.ts";

export interface AdviceScope {
  /** Those that are in some chain. */
  backends: ReadonlyMap<string, BackendEntry>;
  routes: ReadonlyMap<string, RouteEntry>;
  /** The routes of every class: a policy may be there for another group. */
  routeDrafts: readonly Draft<ModelRouteSpec>[];
  /** Every backend of the namespace. */
  declared: ReadonlySet<string>;
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
  return drafts.flatMap((draft) => {
    const entry = entries.get(draft.ref.name);
    if (entry === undefined || entry.denied !== undefined) return [];
    return [
      ...unknownBackends(draft, scope),
      ...nothingSelected(draft, entry, declared),
      ...adviseOnRoutes(draft.ref, entry, {
        routes: selected(entry, served),
        backends: scope.backends,
      }),
    ];
  });
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
