import type { V1ServiceSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { groupMetadata, routerSelector, type GroupContext } from "../group.ts";
import { servicePort } from "./router-ports.ts";

/** What applications call. The admin port is not on it: health and metrics are asked of each pod. */
export function buildService(group: GroupContext): KubeObject {
  const tls = group.config.tlsSecret !== undefined;
  const spec: V1ServiceSpec = {
    type: "ClusterIP",
    selector: routerSelector(group),
    ports: [
      {
        name: tls ? "https" : "http",
        port: servicePort(tls),
        protocol: "TCP",
        targetPort: "api",
        appProtocol: tls ? "https" : "http",
      },
    ],
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.Service),
    kind: "Service",
    metadata: groupMetadata(group),
    spec,
  };
}
