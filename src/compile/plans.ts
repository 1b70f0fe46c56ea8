import type { Finding, ResourceRef } from "../api/index.ts";
import {
  planName,
  readPlanFile,
  type BackendEntry,
  type Plan,
  type PlanEntry,
  type RouteEntry,
  type RoutingTable,
  type TenantEntry,
} from "../table/index.ts";
import type { Group } from "./groups.ts";
import { readHeld, type Held } from "./held-config-maps.ts";
import { judge } from "./judgement.ts";
import { onceEach } from "./once-each.ts";
import { refusalOf } from "./plan-checks.ts";

export interface CompiledPlans {
  /** By `planName`. */
  entries: ReadonlyMap<string, PlanEntry>;
  findings: Finding[];
}

export interface PlanScope {
  group: Group;
  published: RoutingTable | undefined;
  routes: ReadonlyMap<string, RouteEntry>;
  backends: ReadonlyMap<string, BackendEntry>;
  tenants: ReadonlyMap<string, TenantEntry>;
}

/** A plan and the ConfigMap that it stands in; null: it is kept from the published table. */
interface Offer {
  entry: PlanEntry;
  source: Held | null;
}

/**
 * The plans of a group that its routers are to follow. A plan is dropped where what it rests on has
 * changed; one whose ConfigMap is not valid is kept in its published form, as far as that still stands.
 *
 * @param held by seniority: of two plans of one (route, tenant) the older ConfigMap's is taken
 */
export function compilePlans(held: readonly Held[], scope: PlanScope): CompiledPlans {
  const findings: Finding[] = [];
  const offers = offersOf(held, scope, findings);
  const entries = new Map<string, PlanEntry>();
  for (const [name, offer] of offers) {
    const entry = isMemoryAlone(offer.entry, scope) ? undefined : followed(offer, scope, findings);
    if (entry === undefined) continue;
    entries.set(name, entry);
    if (offer.source === null) findings.push(keptPlan(entry, scope.group));
  }
  return { entries, findings };
}

const fileOf = onceEach(({ content }: Held["configMap"]) => readPlanFile(content));

function offersOf(
  held: readonly Held[],
  { group, published }: PlanScope,
  findings: Finding[],
): Map<string, Offer> {
  const read = readHeld(held, { read: fileOf, what: "plans", by: "plan" });
  findings.push(...read.findings);
  const offers = new Map<string, Offer>();
  for (const { source, file } of read.files) {
    if ((file.class ?? "default") !== group.routerClass) continue;
    for (const entry of file.plans) {
      const name = planName(entry);
      const older = offers.get(name)?.source ?? undefined;
      if (older === undefined) offers.set(name, { entry, source });
      else findings.push(shadowed(source, older, entry));
    }
  }
  if (!read.isWhole) addPublished(offers, published);
  return offers;
}

/** Adds what is published and nobody speaks of: the ConfigMap that is not valid may have held it. */
function addPublished(offers: Map<string, Offer>, published: RoutingTable | undefined): void {
  for (const [name, entry] of Object.entries(published?.plans ?? {}))
    if (!offers.has(name)) offers.set(name, { entry, source: null });
}

/** The plan as far as it stands; undefined where nothing of it does, and others take its place. */
function followed(offer: Offer, scope: PlanScope, findings: Finding[]): PlanEntry | undefined {
  const { entry } = offer;
  const route = scope.routes.get(entry.route);
  if (route === undefined) {
    tell(offer, scope, { findings, why: `its group has no route ${entry.route}` });
    return undefined;
  }
  if (!isWantedBy(entry.tenant, { offer, scope, findings })) return undefined;
  const { backends } = scope;
  const check = (plan: Plan) => refusalOf({ plan, route, backends, evidence: entry.evidence });
  const current = entry.current === null ? undefined : check(entry.current);
  const next = entry.next === undefined ? undefined : check(entry.next.plan);
  for (const why of new Set([current, next]))
    if (why !== undefined) tell(offer, scope, { findings, why });
  if (current === undefined && next === undefined) return entry;
  return standing(entry, { current: current === undefined, next: next === undefined });
}

/** What is left of an entry; undefined where it would say nothing. */
function standing(
  entry: PlanEntry,
  stands: { current: boolean; next: boolean },
): PlanEntry | undefined {
  const { next, ...rest } = entry;
  const keepsNext = next !== undefined && stands.next;
  if (!stands.current && !keepsNext) return undefined;
  const current = stands.current ? entry.current : null;
  return { ...rest, current, ...(keepsNext ? { next } : {}) };
}

interface Wanting {
  offer: Offer;
  scope: PlanScope;
  findings: Finding[];
}

/** What the plan job remembers of a route or tenant that is away: nobody follows it, and there is nothing to tell. */
function isMemoryAlone({ route, tenant, current, next }: PlanEntry, scope: PlanScope): boolean {
  if (current !== null || next !== undefined) return false;
  return !scope.routes.has(route) || !wantsPlan(tenant, scope);
}

function wantsPlan(name: string | null, { tenants }: PlanScope): boolean {
  if (name === null) return true;
  const tenant = tenants.get(name);
  // Of a policy that is not valid nobody knows whether it wants a plan; it denies its subjects meanwhile.
  return tenant?.denied !== undefined || tenant?.plan !== undefined;
}

function isWantedBy(name: string | null, { offer, scope, findings }: Wanting): boolean {
  if (name === null || wantsPlan(name, scope)) return true;
  if (!scope.tenants.has(name)) {
    tell(offer, scope, { findings, why: `there is no TenantPolicy ${name}` });
    return false;
  }
  const ref = { kind: "TenantPolicy" as const, namespace: scope.group.namespace, name };
  const message = `There is a plan of tenant ${name} for route ${offer.entry.route}, and the policy wants none: set plan.enabled to have it followed, or leave the tenant out of the plan job.`;
  findings.push(judge("PlanNotFollowed", ref, message, "spec.plan"));
  return false;
}

function tell(
  { entry, source }: Offer,
  { group, routes }: PlanScope,
  { findings, why }: { findings: Finding[]; why: string },
): void {
  const isRoute = routes.has(entry.route);
  const ref: ResourceRef | undefined = isRoute ? routeRef(entry, group) : source?.ref;
  if (ref === undefined) return;
  const message = `The plan of ${described(entry)} is not followed: ${why}. The next run of \`switchyard plan\` makes another.`;
  findings.push(judge("PlanNotFollowed", ref, message, isRoute ? undefined : source?.path));
}

const routeRef = ({ route }: PlanEntry, { namespace }: Group): ResourceRef => ({
  kind: "ModelRoute",
  namespace,
  name: route,
});

const described = ({ route, tenant }: PlanEntry): string =>
  tenant === null ? `route ${route}` : `tenant ${tenant} for route ${route}`;

function shadowed({ ref, path }: Held, older: Held, entry: PlanEntry): Finding {
  const message = `ConfigMap ${older.ref.name} holds the plan of ${described(entry)} already (the older one wins, then the first by name): take it out of one of them.`;
  return judge("Invalid", ref, message, path);
}

function keptPlan(entry: PlanEntry, group: Group): Finding {
  const message = `The plan of ${described(entry)} is followed as it was published before, because a ConfigMap of plans is not valid: correct that.`;
  return judge("PlanKept", routeRef(entry, group), message);
}
