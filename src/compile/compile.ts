import type { ConfigMapManifest, Finding, Manifest, ModelRouteSpec } from "../api/index.ts";
import { err } from "../lib/index.ts";
import {
  schemaVersion,
  type BackendEntry,
  type RouteEntry,
  type RoutingTable,
  type TenantEntry,
} from "../table/index.ts";
import { giveAbilities } from "./abilities.ts";
import { compileBackends } from "./backends.ts";
import type { ModelShelf, ReadModel } from "./classifiers.ts";
import { readDriftPins } from "./drift-pins.ts";
import { publishedEntry } from "./published-entry.ts";
import { isOfGroup, type Group } from "./groups.ts";
import { judgeGoldenSets } from "./golden-sets.ts";
import { takeConfigMaps, type HeldConfigMaps } from "./held-config-maps.ts";
import { takeIn, type Draft } from "./intake.ts";
import { compareTexts, judge, listed, sortFindings } from "./judgement.ts";
import { compilePlans } from "./plans.ts";
import { adviseOnRoutes, compileRoutes } from "./routes.ts";
import type { ClassSettings } from "./settings.ts";
import { suggester } from "./suggest.ts";
import { adviseTenants } from "./tenant-advice.ts";
import { compileTenants } from "./tenants.ts";

export interface CompileInput {
  group: Group;
  /** Of every kind, namespace and class; those of other groups are passed over. */
  manifests: readonly Manifest[];
  /** The group's table as last published: invalid resources keep the form that they have there. */
  published?: RoutingTable;
  settings: ClassSettings;
  /** ConfigMaps of ours, of every namespace; absent: none. */
  configMaps?: readonly ConfigMapManifest[];
  /** Absent: no classifier of a ConfigMap can be used. */
  readModel?: ReadModel;
  /** Digest of the published classifier model, where its bytes can still be had. */
  keptModel?: string;
  /** Milliseconds since the epoch, for what is to be said of keys' dates; the table never depends on it. */
  now?: number;
}

export interface Compiled {
  table: RoutingTable;
  /** Sorted, so that equal inputs give equal lists. */
  findings: Finding[];
}

/**
 * The table of one group, and every judgement on the resources that went into it. It never fails: what is
 * wrong with one resource is a finding, and takes no other down. The order of manifests makes no difference.
 *
 * The table holds the group's routes, the backends of their chains, and the tenants of the namespace. What
 * is wrong with the text of a backend that no route of the group names is reported too, but whether a class
 * permits it is judged only where a route of the class would use it.
 */
export function compile(input: CompileInput): Compiled {
  const { group, manifests, published, settings, now } = input;
  const intake = takeIn(manifests, group.namespace);
  const held = takeConfigMaps(input.configMaps ?? [], group.namespace);
  const routeDrafts = intake.routes.filter((draft) => isOfGroup(draft, group, published));
  const named = namedBackends(routeDrafts, published);
  const plain = compileBackends(
    intake.backends.filter(({ ref }) => named.has(ref.name)),
    { published, settings },
  );
  const declared = new Set(intake.backends.map(({ ref }) => ref.name));
  const backends = giveAbilities(plain.entries, held.of("abilities"), { published, declared });
  const suggest = suggester([...declared]);
  const pins = readDriftPins(held.of("drift"), { group, published });
  const routeScope = {
    published,
    settings,
    models: shelfOf(input, held),
    pins,
    goldenSets: new Set(held.of("golden-set").map(({ ref }) => ref.name)),
    backends: backends.entries,
    declared,
    suggest,
  };
  const routes = compileRoutes(routeDrafts, routeScope);
  const tenants = compileTenants(intake.tenants, published, settings);
  const chained = inChains(backends.entries, routes.entries);
  const plans = compilePlans(held.of("plans"), {
    group,
    published,
    routes: routes.entries,
    backends: backends.entries,
    tenants: tenants.entries,
  });
  const scope = {
    backends: chained,
    routes: routes.entries,
    routeDrafts: intake.routes,
    declared,
    suggest,
    now,
  };
  const findings = [
    ...ofGroup(intake.findings, routeDrafts),
    ...held.findings,
    ...judgeGoldenSets(held.of("golden-set")),
    ...pins.findings,
    ...plain.findings,
    ...backends.findings,
    ...routes.findings,
    ...adviseOnRoutes(routes.settled, routeScope, plans.entries),
    ...tenants.findings,
    ...plans.findings,
    ...adviseTenants(intake.tenants, tenants.entries, scope),
    ...unknownRegions(group, chained, tenants.entries),
  ];
  return {
    table: {
      schemaVersion,
      group: { namespace: group.namespace, routerClass: group.routerClass },
      backends: sorted(chained),
      routes: sorted(routes.entries),
      tenants: sorted(tenants.entries),
      plans: sorted(plans.entries),
    },
    findings: sortFindings(findings),
  };
}

/** What nobody can read is none: then every classifier of a ConfigMap is found wanting. */
const readsNone: ReadModel = () => err("nobody here reads classifiers");

const shelfOf = (
  { readModel = readsNone, keptModel }: CompileInput,
  held: HeldConfigMaps,
): ModelShelf => ({ held: held.of("classifier"), read: readModel, kept: keptModel });

/** Those on other classes' routes are for their own groups to report. */
function ofGroup(
  findings: readonly Finding[],
  routes: readonly Draft<ModelRouteSpec>[],
): Finding[] {
  const names = new Set(routes.map(({ ref }) => ref.name));
  return findings.filter(({ ref }) => ref.kind !== "ModelRoute" || names.has(ref.name));
}

/** The backends that the routes name, in their text or in the form that may be kept of them. */
function namedBackends(
  drafts: readonly Draft<ModelRouteSpec>[],
  published: RoutingTable | undefined,
): Set<string> {
  const names = new Set<string>();
  for (const { ref, spec } of drafts) {
    for (const { backend } of spec?.candidates ?? []) names.add(backend.name);
    for (const { backend } of publishedEntry(published?.routes, ref.name)?.candidates ?? [])
      names.add(backend);
  }
  return names;
}

function inChains(
  backends: ReadonlyMap<string, BackendEntry>,
  routes: ReadonlyMap<string, RouteEntry>,
): Map<string, BackendEntry> {
  const used = new Set(
    [...routes.values()].flatMap(({ candidates }) => candidates.map(({ backend }) => backend)),
  );
  return new Map([...backends].filter(([name]) => used.has(name)));
}

function unknownRegions(
  { namespace }: Group,
  backends: ReadonlyMap<string, BackendEntry>,
  tenants: ReadonlyMap<string, TenantEntry>,
): Finding[] {
  const bound = [...tenants.values()].filter(({ residencyRegions }) => residencyRegions !== null);
  if (bound.length === 0) return [];
  const names = bound.map(({ name }) => name).toSorted(compareTexts);
  return [...backends.values()].flatMap(({ name, processingRegions }) => {
    if (processingRegions !== null) return [];
    const message = `Backend ${name} calls an inference profile and does not say where that processes requests, so it never serves tenants with residency (${listed(names)}): set processingRegions.`;
    const ref = { kind: "ModelBackend" as const, namespace, name };
    return [judge("ProcessingRegionsUnknown", ref, message, "spec.bedrock.processingRegions")];
  });
}

function sorted<Entry>(entries: ReadonlyMap<string, Entry>): Record<string, Entry> {
  return Object.fromEntries([...entries].toSorted(([left], [right]) => compareTexts(left, right)));
}
