import type { V1DeploymentSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, routerSelector, type GroupContext } from "../group.ts";
import { isAutoscaled } from "./horizontal-pod-autoscaler.ts";
import { buildPodTemplate } from "./pod-template.ts";

/**
 * The group's routers. Its template says nothing of the table, so that only a changed class or
 * operator replaces pods. `replicas` is left to the autoscaler where there is one.
 */
export function buildDeployment(group: GroupContext): KubeObject {
  const spec: V1DeploymentSpec = {
    ...(isAutoscaled(group) ? {} : { replicas: group.config.replicas.min }),
    revisionHistoryLimit: 3,
    selector: { matchLabels: routerSelector(group) },
    // A new router serves before an old one goes.
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: buildPodTemplate(group),
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.Deployment),
    kind: "Deployment",
    metadata: groupMetadata(group),
    spec,
  };
}
