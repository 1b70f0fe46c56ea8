import {
  kindNames,
  type ConfigMapManifest,
  type Finding,
  type Manifest,
  type ResourceRef,
} from "../api/index.ts";
import { groupsOf, type Group } from "../compile/index.ts";
import type { KubeObject, Store } from "../kube/index.ts";
import { groupLabels, publicationNames } from "../table/index.ts";
import { heldOf } from "./held-of.ts";
import { manifestOf } from "./manifest-of.ts";
import type { OperatorConfig } from "./operator-config.ts";
import type { Watched } from "./watched.ts";

/** A resource as the cluster holds it, and as compile reads it. */
export interface Gathered {
  object: KubeObject;
  manifest: Manifest;
}

/** Everything of one namespace that tables are made from. */
export interface Inputs {
  namespace: string;
  resources: readonly Gathered[];
  manifests: readonly Manifest[];
  /** Labelled ConfigMaps. */
  configMaps: readonly ConfigMapManifest[];
  /** On labelled ConfigMaps that cannot be told for what they are meant to be. */
  strays: readonly Finding[];
  /** Groups whose class is configured. */
  groups: readonly Group[];
  /** Classes whose anchor is there and whose last route is gone. */
  abandoned: readonly { routerClass: string; anchor: KubeObject }[];
  /** On routes whose class nobody has configured. */
  findings: readonly Finding[];
}

/** @param watched stores that hold everything there is: what they lack is taken for deleted */
export function gather(
  watched: Pick<Watched, "resources" | "configMaps" | "held">,
  namespace: string,
  classes: OperatorConfig["classes"],
): Inputs {
  const resources = kindNames.flatMap((kind) => gatherKind(watched.resources[kind], namespace));
  const manifests = resources.map(({ manifest }) => manifest);
  const all = groupsOf(manifests);
  const held = watched.held.inNamespace(namespace);
  return {
    namespace,
    resources,
    manifests,
    configMaps: held.flatMap((object) => heldOf(object).configMap ?? []),
    strays: held.flatMap(strayIn),
    groups: all.filter(({ routerClass }) => Object.hasOwn(classes, routerClass)),
    abandoned: abandonedIn(watched.configMaps.inNamespace(namespace), all),
    findings: classesNotFound(manifests, all, classes),
  };
}

function gatherKind(store: Store, namespace: string): Gathered[] {
  return store.inNamespace(namespace).flatMap((object) => {
    const manifest = manifestOf(object);
    return manifest === null ? [] : [{ object, manifest }];
  });
}

function strayIn(object: KubeObject): Finding[] {
  const { problem } = heldOf(object);
  if (problem === undefined) return [];
  const { name, namespace = "default" } = object.metadata;
  const ref = { kind: "ConfigMap" as const, namespace, name };
  const { path, message } = problem;
  return [{ severity: "Error", reason: "Invalid", ref, path, message }];
}

function abandonedIn(
  configMaps: readonly KubeObject[],
  groups: readonly Group[],
): { routerClass: string; anchor: KubeObject }[] {
  const live = new Set(groups.map(({ routerClass }) => routerClass));
  return configMaps.flatMap((anchor) => {
    const routerClass = anchor.metadata.labels?.[groupLabels.routerClass];
    if (routerClass === undefined || live.has(routerClass)) return [];
    const isAnchor = publicationNames(routerClass).anchor === anchor.metadata.name;
    return isAnchor && anchor.metadata.deletionTimestamp === undefined
      ? [{ routerClass, anchor }]
      : [];
  });
}

function classesNotFound(
  manifests: readonly Manifest[],
  groups: readonly Group[],
  classes: OperatorConfig["classes"],
): Finding[] {
  const missing = groups.filter(({ routerClass }) => !Object.hasOwn(classes, routerClass));
  if (missing.length === 0) return [];
  const names = Object.keys(classes).toSorted();
  const choice = names.length === 0 ? "there is none yet" : `there is ${names.join(", ")}`;
  return manifests.flatMap((manifest): Finding[] => {
    const [group] = groupsOf([manifest]);
    if (!missing.some(({ routerClass }) => routerClass === group?.routerClass)) return [];
    return [
      {
        severity: "Error",
        reason: "ClassNotFound",
        ref: refOf(manifest),
        path: "spec.routerClass",
        message: `The operator's configuration has no router class ${group?.routerClass ?? ""} (${choice}): make a route of a class that it has, or ask for this one to be added.`,
      },
    ];
  });
}

function refOf({ kind, metadata }: Manifest): ResourceRef {
  return { kind, namespace: metadata.namespace ?? "default", name: metadata.name };
}

export const refKey = ({ kind, name }: Pick<ResourceRef, "kind" | "name">): string =>
  `${kind}/${name}`;
