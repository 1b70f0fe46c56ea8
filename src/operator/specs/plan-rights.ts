import type { RbacV1Subject, V1PolicyRule, V1RoleRef } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { publicationNames } from "../../table/index.ts";
import { groupMetadata, planJobName, planNames, type GroupContext } from "../group.ts";
import { slotNames } from "./slot-names.ts";

const metadata = (group: GroupContext) => groupMetadata(group, planJobName(group), "plan");

/** Who the job is: like that of routers it is given its cloud role by a team's annotations, which stay. */
export function buildPlanServiceAccount(group: GroupContext): KubeObject {
  return {
    apiVersion: apiVersionOf(resourceTypes.ServiceAccount),
    kind: "ServiceAccount",
    metadata: metadata(group),
  };
}

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
  const { ConfigMap, Role } = resourceTypes;
  const configMaps = { apiGroups: [ConfigMap.group], resources: [ConfigMap.plural] };
  const { pointer } = publicationNames(group.routerClass);
  const tableNames = [pointer, ...slotNames(group.routerClass)];
  const rules: V1PolicyRule[] = [
    { ...configMaps, resourceNames: tableNames, verbs: ["get"] },
    { ...configMaps, resourceNames: planNames(group), verbs: ["get", "patch"] },
  ];
  return { apiVersion: apiVersionOf(Role), kind: "Role", metadata: metadata(group), rules };
}

export function buildPlanRoleBinding(group: GroupContext): KubeObject {
  const name = planJobName(group);
  const roleRef: V1RoleRef = { apiGroup: resourceTypes.Role.group, kind: "Role", name };
  const subjects: RbacV1Subject[] = [{ kind: "ServiceAccount", name, namespace: group.namespace }];
  return {
    apiVersion: apiVersionOf(resourceTypes.RoleBinding),
    kind: "RoleBinding",
    metadata: metadata(group),
    roleRef,
    subjects,
  };
}
