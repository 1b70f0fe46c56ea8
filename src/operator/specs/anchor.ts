import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, type GroupContext } from "../group.ts";

const about =
  "Owns every object of this group of Switchyard routers. Deleting it deletes them all; " +
  "the operator deletes it when the last route of the group is gone.";

/** The ConfigMap that all other objects of the group belong to. Nothing owns it. */
export function buildAnchor({
  namespace,
  routerClass,
}: Pick<GroupContext, "namespace" | "routerClass">): KubeObject {
  return {
    apiVersion: apiVersionOf(resourceTypes.ConfigMap),
    kind: "ConfigMap",
    metadata: groupMetadata({ namespace, routerClass }),
    data: { about },
  };
}
