import type { V1PolicyRule } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { publicationNames } from "../../table/index.ts";
import { groupMetadata, jobName, planNames, type GroupContext } from "../group.ts";
import {
  buildCronJob,
  buildJobRole,
  buildJobRoleBinding,
  buildJobServiceAccount,
  type Job,
} from "./job.ts";
import { buildJobNetworkPolicy } from "./network-policy.ts";
import { slotNames } from "./slot-names.ts";

export const planJob = (group: GroupContext): Job => ({
  component: "plan",
  name: jobName(group, "plan"),
  args: ["plan", "--cluster"],
  settings: group.config.plan,
});

/** What makes the group's plans from its records. The plans themselves stay where a class wants no more: they expire. */
export function planObjects(group: GroupContext): KubeObject[] {
  const job = planJob(group);
  return [
    ...buildPlans(group),
    buildJobServiceAccount(group, job),
    buildPlanRole(group),
    buildJobRoleBinding(group, job),
    ...(group.config.networkPolicy.enabled ? [buildJobNetworkPolicy(group, job)] : []),
    buildPlanCronJob(group),
  ];
}

export const buildPlanCronJob = (group: GroupContext): KubeObject =>
  buildCronJob(group, planJob(group));

/**
 * Where the job writes its plans. The operator makes it without them, so that the job need not make anything:
 * RBAC could not name what it may make.
 */
export const buildPlans = (group: GroupContext): KubeObject[] =>
  planNames(group).map((name) => ({
    apiVersion: apiVersionOf(resourceTypes.ConfigMap),
    kind: "ConfigMap",
    metadata: groupMetadata(group, name, "plan"),
  }));

/** What the job may do: read the table that the group's routers serve, and write its plans, each object by name. */
export function buildPlanRole(group: GroupContext): KubeObject {
  const { ConfigMap } = resourceTypes;
  const configMaps = { apiGroups: [ConfigMap.group], resources: [ConfigMap.plural] };
  const { pointer } = publicationNames(group.routerClass);
  const tableNames = [pointer, ...slotNames(group.routerClass)];
  const rules: V1PolicyRule[] = [
    { ...configMaps, resourceNames: tableNames, verbs: ["get"] },
    { ...configMaps, resourceNames: planNames(group), verbs: ["get", "patch"] },
  ];
  return buildJobRole(group, planJob(group), rules);
}
