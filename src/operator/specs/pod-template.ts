import type {
  V1PodSpec,
  V1PodTemplateSpec,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1Volume,
} from "@kubernetes/client-node";
import { groupName, labelsOfGroup, routerSelector, type GroupContext } from "../group.ts";
import { storeVolumes } from "./limit-store.ts";
import { prometheusToken } from "./prometheus.ts";
import { buildRouterContainer } from "./router-container.ts";
import { graceSeconds } from "./stop-times.ts";

/** A router's pod, within Pod Security `restricted`. */
export function buildPodTemplate(group: GroupContext): V1PodTemplateSpec {
  return {
    metadata: {
      // The selector must hold whatever a class adds.
      labels: { ...group.config.podLabels, ...labelsOfGroup(group) },
      annotations: { ...annotations, ...group.config.podAnnotations },
    },
    spec: podSpec(group),
  };
}

const annotations = {
  "kubectl.kubernetes.io/default-container": "router",
  // A node may be scaled away under a router: its volumes hold copies alone.
  "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes": "table,tmp",
};

function podSpec(group: GroupContext): V1PodSpec {
  return {
    serviceAccountName: groupName(group),
    automountServiceAccountToken: true,
    // A Service named switchyard-… would become SWITCHYARD_… variables, which the router refuses.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceSeconds(group.config),
    // No user id: the image's own is a number already, and some clusters insist on theirs.
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [buildRouterContainer(group)],
    volumes: volumes(group),
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
      (topologyKey) => spread(group, topologyKey),
    ),
    ...placementOf(group),
  };
}

/** Where pods of the group may run, and by which Secrets their images are pulled. */
export function placementOf({ config, operator }: GroupContext): Partial<V1PodSpec> {
  const { nodeSelector, tolerations } = config;
  const secrets = [...new Set(operator.imagePullSecrets)];
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector: { ...nodeSelector } }),
    ...(tolerations.length === 0 ? {} : { tolerations: tolerations as V1Toleration[] }),
    ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets.map((name) => ({ name })) }),
  };
}

// A wish and no condition: where one zone is left, routers still start. Only pods of one revision are
// counted, or a rollout would leave the new ones where the old ones were not.
const spread = (group: GroupContext, topologyKey: string): V1TopologySpreadConstraint => ({
  topologyKey,
  maxSkew: 1,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels: routerSelector(group) },
  matchLabelKeys: ["pod-template-hash"],
});

function volumes({ config }: GroupContext): V1Volume[] {
  return [
    { name: "table", emptyDir: { sizeLimit: "256Mi" } },
    { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ...(config.tlsSecret === undefined
      ? []
      : [{ name: "tls", secret: { secretName: config.tlsSecret, defaultMode: 0o444 } }]),
    ...storeVolumes(config.limits),
    ...prometheusToken(config.prometheus).map(({ volume }) => volume),
  ];
}
