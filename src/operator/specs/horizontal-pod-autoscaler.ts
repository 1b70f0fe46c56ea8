import type { V2HorizontalPodAutoscalerSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, groupName, type GroupContext } from "../group.ts";

/** Whether the number of routers follows their load; otherwise it is `replicas.min`. */
export const isAutoscaled = ({ config }: Pick<GroupContext, "config">): boolean =>
  config.replicas.max > config.replicas.min;

/** Keeps the number of routers between its bounds, by the processor time that they ask for. */
export function buildHpa(group: GroupContext): KubeObject {
  const { min, max, cpuPercent } = group.config.replicas;
  const spec: V2HorizontalPodAutoscalerSpec = {
    scaleTargetRef: {
      apiVersion: apiVersionOf(resourceTypes.Deployment),
      kind: "Deployment",
      name: groupName(group),
    },
    minReplicas: min,
    maxReplicas: max,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
      },
    ],
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.HorizontalPodAutoscaler),
    kind: "HorizontalPodAutoscaler",
    metadata: groupMetadata(group),
    spec,
  };
}
