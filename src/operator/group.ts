import type { ObjectMeta, OwnerReference } from "../kube/index.ts";
import { groupLabels, managedBy, publicationNames } from "../table/index.ts";
import type { ClassConfig, OperatorConfig } from "./operator-config.ts";

/** What the objects of one group are built from. */
export interface GroupContext {
  namespace: string;
  routerClass: string;
  config: ClassConfig;
  operator: Pick<OperatorConfig, "image" | "imagePullPolicy" | "imagePullSecrets"> & {
    /** Where the operator itself runs; absent outside a cluster. */
    namespace?: string | undefined;
  };
  /** Absent before the anchor was made. */
  anchorUid?: string | undefined;
}

type Group = Pick<GroupContext, "namespace" | "routerClass" | "anchorUid">;

/** Under which name the operator owns fields. */
export const fieldManager = "switchyard-operator";

/** The one name that a group's objects share, its pointer and slots apart. */
export function groupName({ routerClass }: Pick<GroupContext, "routerClass">): string {
  return publicationNames(routerClass).anchor;
}

/** By which labels a group's routers are found. A Deployment's selector can never be changed. */
export function routerSelector({
  routerClass,
}: Pick<GroupContext, "routerClass">): Record<string, string> {
  return {
    [groupLabels.name]: "switchyard",
    [groupLabels.routerClass]: routerClass,
    [groupLabels.component]: "router",
  };
}

/** The labels of everything of a group. */
export function labelsOfGroup(group: Pick<GroupContext, "routerClass">): Record<string, string> {
  return { [groupLabels.managedBy]: managedBy, ...routerSelector(group) };
}

/** Metadata of an object that belongs to a group and goes when its anchor goes. */
export function groupMetadata(group: Group, name: string = groupName(group)): ObjectMeta {
  const anchor = anchorReference(group);
  return {
    name,
    namespace: group.namespace,
    labels: labelsOfGroup(group),
    ...(anchor === undefined ? {} : { ownerReferences: [anchor] }),
  };
}

// Without blockOwnerDeletion: some clusters ask for a right to the owner's finalizers to set it.
function anchorReference({ anchorUid, ...group }: Group): OwnerReference | undefined {
  if (anchorUid === undefined) return undefined;
  return { apiVersion: "v1", kind: "ConfigMap", name: groupName(group), uid: anchorUid };
}
