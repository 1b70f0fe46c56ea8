import type { V1PolicyRule } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { publicationNames } from "../../table/index.ts";
import { groupMetadata, type GroupContext } from "../group.ts";
import { slotNames, slots } from "./slot-names.ts";

/** What routers may do: read the published table and the drift report, each object by name, and acknowledge the table. */
export function buildRole(group: GroupContext): KubeObject {
  const names = publicationNames(group.routerClass);
  const modelNames = slots.map((slot) => names.model(slot));
  const rules: V1PolicyRule[] = [
    {
      apiGroups: [resourceTypes.ConfigMap.group],
      resources: [resourceTypes.ConfigMap.plural],
      resourceNames: [names.pointer],
      // A list or watch passes where its field selector is metadata.name=NAME.
      verbs: ["get", "list", "watch"],
    },
    {
      apiGroups: [resourceTypes.ConfigMap.group],
      resources: [resourceTypes.ConfigMap.plural],
      resourceNames: [...slotNames(group.routerClass), ...modelNames, names.drift],
      verbs: ["get"],
    },
    {
      apiGroups: [resourceTypes.Lease.group],
      resources: [resourceTypes.Lease.plural],
      // Server-side apply asks for both. A Lease is named after its pod, and RBAC cannot name what is
      // yet to be made: the chart's ValidatingAdmissionPolicy holds each router to its own.
      verbs: ["create", "patch"],
    },
  ];
  return {
    apiVersion: apiVersionOf(resourceTypes.Role),
    kind: "Role",
    metadata: groupMetadata(group),
    rules,
  };
}
