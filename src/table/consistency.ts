import type { Steps } from "../lib/index.ts";
import type { RoutingTable } from "./routing-table.ts";

/**
 * What no bucket can tell alone: candidates and plans whose route is there, names and keys that stand
 * once, and a single classifier of the group's own.
 *
 * @param model digest of the classifier model that the pointer names
 * @returns the first contradiction as a sentence, or undefined
 */
export function* findContradiction(
  table: Parts,
  model: string | undefined,
): Steps<string | undefined> {
  return (
    (yield* danglingCandidate(table)) ??
    (yield* sharedModel(table)) ??
    (yield* sharedKey(table)) ??
    (yield* danglingPlan(table)) ??
    (yield* strangeClassifier(table, model))
  );
}

type Parts = Pick<RoutingTable, "backends" | "routes" | "tenants" | "plans">;

function* danglingCandidate({
  routes,
  backends,
}: Pick<Parts, "backends" | "routes">): Steps<string | undefined> {
  const known = new Set(Object.keys(backends));
  for (const route of Object.values(routes)) {
    yield;
    const missing = route.candidates.find(({ backend }) => !known.has(backend));
    if (missing !== undefined)
      return `Route ${route.name} has the candidate ${missing.backend}, which the table lacks`;
  }
  return undefined;
}

function* sharedModel({ routes }: Pick<Parts, "routes">): Steps<string | undefined> {
  const owners = new Map<string, string>();
  for (const route of Object.values(routes)) {
    yield;
    for (const model of route.models) {
      const owner = owners.get(model);
      if (owner !== undefined)
        return `Routes ${owner} and ${route.name} both serve the model ${JSON.stringify(model)}`;
      owners.set(model, route.name);
    }
  }
  return undefined;
}

function* sharedKey({ tenants }: Pick<Parts, "tenants">): Steps<string | undefined> {
  const owners = new Map<string, string>();
  for (const tenant of Object.values(tenants)) {
    yield;
    for (const { sha256, id } of tenant.keys) {
      const owner = owners.get(sha256);
      if (owner !== undefined) return `Tenants ${owner} and ${tenant.name} both hold the key ${id}`;
      owners.set(sha256, tenant.name);
    }
  }
  return undefined;
}

/** A plan may choose among its route's candidates alone. */
function* danglingPlan({
  routes,
  plans,
}: Pick<Parts, "routes" | "plans">): Steps<string | undefined> {
  for (const [name, { route, current, next }] of Object.entries(plans)) {
    yield;
    const candidates = Object.hasOwn(routes, route) ? routes[route]?.candidates : undefined;
    if (candidates === undefined) return `Plan ${name} is for a route that the table lacks`;
    const known = new Set(candidates.map(({ backend }) => backend));
    const chosen = [current, next?.plan].flatMap((plan) => plan?.candidates ?? []);
    const missing = chosen.find(({ backend }) => !known.has(backend));
    if (missing !== undefined)
      return `Plan ${name} may choose ${missing.backend}, which is no candidate of its route`;
  }
  return undefined;
}

/** A group has one slot pair for a model of its own, which is there where a route wants it. */
function* strangeClassifier(
  { routes }: Pick<Parts, "routes">,
  model: string | undefined,
): Steps<string | undefined> {
  let isWanted = model === undefined;
  for (const { name, classifier } of Object.values(routes)) {
    yield;
    if (classifier === undefined) continue;
    if (classifier !== model)
      return `Route ${name} names the classifier ${classifier}, and the pointer ${model ?? "none"}`;
    isWanted = true;
  }
  return isWanted ? undefined : `The pointer names the classifier ${model}, and no route does`;
}
