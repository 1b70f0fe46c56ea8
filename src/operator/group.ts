import type { ObjectMeta, OwnerReference } from "../kube/index.ts";
import { hashText } from "../lib/index.ts";
import { groupLabels, managedBy, planShards, publicationNames } from "../table/index.ts";
import type { ClassConfig, OperatorConfig } from "./operator-config.ts";

/** What the objects of one group are built from. */
export interface GroupContext {
  namespace: string;
  routerClass: string;
  config: ClassConfig;
  operator: Pick<OperatorConfig, "image" | "jobsImage" | "imagePullPolicy" | "imagePullSecrets"> & {
    /** Where the operator itself runs; absent outside a cluster. */
    namespace?: string | undefined;
  };
  /** Absent before the anchor was made. */
  anchorUid?: string | undefined;
  /** Absent: none of its routes is watched for drift. */
  drift?: DriftWatch | undefined;
}

/** What the routes of a group that are watched for drift need. */
export interface DriftWatch {
  /** ConfigMaps with questions that are asked daily; sorted. */
  goldenSets: readonly string[];
}

type Group = Pick<GroupContext, "namespace" | "routerClass" | "anchorUid">;

/** What pods of a group do: serve its routes, make its plans, or watch it for drift. */
export type Component = "router" | "plan" | "drift";

/** Under which name the operator owns fields. */
export const fieldManager = "switchyard-operator";

/** The one name that a group's objects share, its pointer and slots apart. */
export function groupName({ routerClass }: Pick<GroupContext, "routerClass">): string {
  return publicationNames(routerClass).anchor;
}

const longestCronJobName = 52;

/** The one name of what a job of a group consists of. CronJobs' names are shorter than others may be. */
export function jobName(
  { routerClass }: Pick<GroupContext, "routerClass">,
  job: "plan" | "drift",
): string {
  const name = `${groupName({ routerClass })}-${job}`;
  if (name.length <= longestCronJobName) return name;
  const hash = hashText(routerClass).toString(36).padStart(7, "0");
  return `${name.slice(0, longestCronJobName - `-1234567-${job}`.length)}-${hash}-${job}`;
}

/** Whether the drift job has routers answer questions, for which it comes to their admin port. */
export const asksGoldenSets = ({ drift }: Pick<GroupContext, "drift">): boolean =>
  (drift?.goldenSets.length ?? 0) > 0;

/** The Service by which the drift job reaches the admin ports of routers. */
export const adminServiceName = (group: Pick<GroupContext, "routerClass">): string =>
  `${groupName(group)}-admin`;

/** The ConfigMaps that a group's plan job may write. */
export const planNames = ({ routerClass }: Pick<GroupContext, "routerClass">): string[] =>
  Array.from({ length: planShards }, (_, shard) => publicationNames(routerClass).plans(shard));

/** By which labels a group's routers are found. A Deployment's selector can never be changed. */
export const routerSelector = (group: Pick<GroupContext, "routerClass">): Record<string, string> =>
  componentSelector(group, "router");

export function componentSelector(
  { routerClass }: Pick<GroupContext, "routerClass">,
  component: Component,
): Record<string, string> {
  return {
    [groupLabels.name]: "switchyard",
    [groupLabels.routerClass]: routerClass,
    [groupLabels.component]: component,
  };
}

/** The labels of everything of a group. */
export function labelsOfGroup(
  group: Pick<GroupContext, "routerClass">,
  component: Component = "router",
): Record<string, string> {
  return { [groupLabels.managedBy]: managedBy, ...componentSelector(group, component) };
}

/** Metadata of an object that belongs to a group and goes when its anchor goes. */
export function groupMetadata(
  group: Group,
  name: string = groupName(group),
  component: Component = "router",
): ObjectMeta {
  const anchor = anchorReference(group);
  return {
    name,
    namespace: group.namespace,
    labels: labelsOfGroup(group, component),
    ...(anchor === undefined ? {} : { ownerReferences: [anchor] }),
  };
}

// Without blockOwnerDeletion: some clusters ask for a right to the owner's finalizers to set it.
function anchorReference({ anchorUid, ...group }: Group): OwnerReference | undefined {
  if (anchorUid === undefined) return undefined;
  return { apiVersion: "v1", kind: "ConfigMap", name: groupName(group), uid: anchorUid };
}
