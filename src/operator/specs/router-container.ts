import type {
  V1Container,
  V1Probe,
  V1SecurityContext,
  V1VolumeMount,
} from "@kubernetes/client-node";
import type { GroupContext } from "../group.ts";
import { storeMounts } from "./limit-store.ts";
import { prometheusToken } from "./prometheus.ts";
import { environmentSources, routerEnvironment } from "./router-environment.ts";
import { routerPaths } from "./router-paths.ts";
import { routerPorts } from "./router-ports.ts";
import { preStopSeconds } from "./stop-times.ts";

/** A router as the kubelet runs it. */
export function buildRouterContainer(group: GroupContext): V1Container {
  const { config, operator } = group;
  const sources = environmentSources(group);
  return {
    name: "router",
    image: operator.image,
    imagePullPolicy: operator.imagePullPolicy,
    args: ["router", "--kubernetes"],
    ports: [
      { name: "api", containerPort: routerPorts.api, protocol: "TCP" },
      { name: "admin", containerPort: routerPorts.admin, protocol: "TCP" },
    ],
    env: routerEnvironment(group),
    ...(sources.length === 0 ? {} : { envFrom: sources }),
    resources: resourcesOf(config.resources),
    ...probes,
    // The image needs no shell for it.
    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
    securityContext: restricted,
    volumeMounts: mounts(group),
  };
}

/** Within Pod Security `restricted`, and without a file system to write to. */
export const restricted: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

export function resourcesOf({ requests, limits }: GroupContext["config"]["resources"]) {
  return {
    ...(Object.keys(requests).length === 0 ? {} : { requests: { ...requests } }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: { ...limits } }),
  };
}

const probe = (path: string, settings: V1Probe): V1Probe => ({
  httpGet: { path, port: "admin", scheme: "HTTP" },
  ...settings,
});

const probes = {
  startupProbe: probe("/livez", { periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 }),
  readinessProbe: probe("/readyz", { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 }),
  // One that hangs has nothing to drain: it need not be given the whole grace of its requests.
  livenessProbe: probe("/livez", {
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 6,
    terminationGracePeriodSeconds: 30,
  }),
};

function mounts({ config }: GroupContext): V1VolumeMount[] {
  return [
    { name: "table", mountPath: routerPaths.table },
    { name: "tmp", mountPath: routerPaths.temporary },
    ...(config.tlsSecret === undefined
      ? []
      : [{ name: "tls", mountPath: routerPaths.tls, readOnly: true }]),
    ...storeMounts(config.limits),
    ...prometheusToken(config.prometheus).map(({ mount }) => mount),
  ];
}
