import type { RbacV1Subject, V1PolicyRule, V1RoleRef } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, planJobName, planNames, type GroupContext } from "../group.ts";

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

/** What the job may do: read the group's resources, and what ConfigMaps hold for them, and write its plans. */
export function buildPlanRole(group: GroupContext): KubeObject {
  const { ModelBackend, ModelRoute, TenantPolicy, ConfigMap, Role } = resourceTypes;
  const rules: V1PolicyRule[] = [
    {
      apiGroups: [ModelRoute.group],
      resources: [ModelBackend.plural, ModelRoute.plural, TenantPolicy.plural],
      verbs: ["get", "list"],
    },
    // Classifiers, abilities and golden sets go by a label, which RBAC does not know.
    { apiGroups: [ConfigMap.group], resources: [ConfigMap.plural], verbs: ["get", "list"] },
    {
      apiGroups: [ConfigMap.group],
      resources: [ConfigMap.plural],
      resourceNames: planNames(group),
      verbs: ["patch"],
    },
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
