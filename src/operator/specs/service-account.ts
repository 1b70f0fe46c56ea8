import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, type GroupContext } from "../group.ts";

/**
 * Who routers are. Nothing but labels and the owner is set, so that the annotations by which a team
 * gives it a cloud role stay as the team wrote them.
 */
export function buildServiceAccount(group: GroupContext): KubeObject {
  return {
    apiVersion: apiVersionOf(resourceTypes.ServiceAccount),
    kind: "ServiceAccount",
    metadata: groupMetadata(group),
  };
}
