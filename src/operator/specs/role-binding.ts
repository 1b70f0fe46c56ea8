import type { RbacV1Subject, V1RoleRef } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, groupName, type GroupContext } from "../group.ts";

/** Gives the group's Role to the group's ServiceAccount. */
export function buildRoleBinding(group: GroupContext): KubeObject {
  const name = groupName(group);
  const roleRef: V1RoleRef = { apiGroup: resourceTypes.Role.group, kind: "Role", name };
  const subjects: RbacV1Subject[] = [{ kind: "ServiceAccount", name, namespace: group.namespace }];
  return {
    apiVersion: apiVersionOf(resourceTypes.RoleBinding),
    kind: "RoleBinding",
    metadata: groupMetadata(group),
    roleRef,
    subjects,
  };
}
