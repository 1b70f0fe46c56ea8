import type { Manifest, ModelRouteSpec } from "../api/index.ts";
import type { RoutingTable } from "../table/index.ts";
import { namespaceOf, type Draft } from "./intake.ts";
import { compareTexts } from "./judgement.ts";
import { publishedEntry } from "./published-entry.ts";

export interface Group {
  namespace: string;
  routerClass: string;
}

const className = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/**
 * The class that a route's text names, whether the rest of it is valid or not: a route that breaks a rule
 * elsewhere is still its group's to report. Undefined where the text names none that could be one.
 */
function namedClass(spec: unknown): string | undefined {
  const named = (spec as { routerClass?: unknown } | null | undefined)?.routerClass;
  return typeof named === "string" && className.test(named) ? named : undefined;
}

const defaultClass = "default";

/** Whether a route is the group's: by its class or, where its text has lost that, by where it was published. */
export function isOfGroup(
  { ref, texts, spec }: Draft<ModelRouteSpec>,
  { routerClass }: Group,
  published: RoutingTable | undefined,
): boolean {
  // A route that is declared twice is reported in the groups of all its copies.
  const named = texts.map(namedClass);
  if (named.some((each) => (each ?? defaultClass) === routerClass)) return true;
  if (spec !== undefined || !named.includes(undefined)) return false;
  return publishedEntry(published?.routes, ref.name) !== undefined;
}

/** The distinct groups of all routes, sorted by namespace and class. */
export function groupsOf(manifests: readonly Manifest[]): Group[] {
  const groups = new Map<string, Group>();
  for (const manifest of manifests) {
    if (manifest.kind !== "ModelRoute") continue;
    const group = {
      namespace: namespaceOf(manifest),
      routerClass: namedClass(manifest.spec) ?? defaultClass,
    };
    groups.set(`${group.namespace}/${group.routerClass}`, group);
  }
  return [...groups]
    .toSorted(([left], [right]) => compareTexts(left, right))
    .map(([, group]) => group);
}
