import type { V1PodDisruptionBudgetSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, routerSelector, type GroupContext } from "../group.ts";

/**
 * One router at a time may be evicted. Stated as a maximum: a minimum of one would let nobody drain
 * the node of a group that has a single router.
 */
export function buildPodDisruptionBudget(group: GroupContext): KubeObject {
  const spec: V1PodDisruptionBudgetSpec = {
    maxUnavailable: 1,
    selector: { matchLabels: routerSelector(group) },
    // A router that serves nobody must not hold a node back.
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.PodDisruptionBudget),
    kind: "PodDisruptionBudget",
    metadata: groupMetadata(group),
    spec,
  };
}
