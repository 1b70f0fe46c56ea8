import { canonicalText } from "../lib/index.ts";
import { matchesLabels, type TenantEntry } from "../table/index.ts";

/** Routes that share their labels, so that what selectors choose is found once for all of them. */
export interface Alike<Route> {
  labels: Readonly<Record<string, string>>;
  routes: Route[];
}

export function byLabels<Route extends { labels: Readonly<Record<string, string>> }>(
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

/** The groups whose routes the tenant may call. */
export function selected<Route>(
  { routes: selector }: TenantEntry,
  groups: readonly Alike<Route>[],
): readonly Alike<Route>[] {
  if (selector === null) return [];
  return groups.filter(({ labels }) => matchesLabels(selector, labels));
}
