import type { V1PolicyRule, V1ServiceSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { publicationNames } from "../../table/index.ts";
import {
  adminServiceName,
  asksGoldenSets,
  groupMetadata,
  jobName,
  routerSelector,
  type DriftWatch,
  type GroupContext,
} from "../group.ts";
import type { ClassConfig } from "../operator-config.ts";
import {
  buildCronJob,
  buildJobRole,
  buildJobRoleBinding,
  buildJobServiceAccount,
  type Job,
} from "./job.ts";
import { clickhouseAuthority, clickhouseVariables } from "./clickhouse.ts";
import { buildJobNetworkPolicy } from "./network-policy.ts";
import { prometheusToken, prometheusVariables } from "./prometheus.ts";
import { routerPorts } from "./router-ports.ts";

export function driftJob(group: GroupContext): Job {
  const { config, namespace } = group;
  const admin = `http://${adminServiceName(group)}.${namespace}.svc:${routerPorts.admin}`;
  return {
    component: "drift",
    name: jobName(group, "drift"),
    args: ["drift", "--cluster", ...(asksGoldenSets(group) ? ["--routers", admin] : [])],
    settings: config.drift,
    ...figuresOf(config),
  };
}

/** Where the job has its figures from: one store alone. */
function figuresOf({ prometheus, clickhouse }: ClassConfig): Pick<Job, "variables" | "volumes"> {
  if (clickhouse.url === undefined)
    return { variables: prometheusVariables(prometheus), volumes: prometheusToken(prometheus) };
  return {
    variables: [
      // What the class's own environment may say of it is not the job's.
      { name: "SWITCHYARD_PROMETHEUS_URL", value: "" },
      ...clickhouseVariables(clickhouse),
    ],
    volumes: clickhouseAuthority(clickhouse),
  };
}

/**
 * What watches the group's routes for drift. Its report stays where nobody asks for it any more: compile no longer
 * looks at it.
 */
export function driftObjects(group: GroupContext & { drift: DriftWatch }): KubeObject[] {
  const job = driftJob(group);
  return [
    buildDriftReport(group),
    buildJobServiceAccount(group, job),
    buildDriftRole(group),
    buildJobRoleBinding(group, job),
    ...(group.config.networkPolicy.enabled ? [buildJobNetworkPolicy(group, job)] : []),
    ...(asksGoldenSets(group) ? [buildAdminService(group)] : []),
    buildCronJob(group, job),
  ];
}

/** Where the job writes its report: made without it, since RBAC could not name what the job may make. */
const buildDriftReport = (group: GroupContext): KubeObject => ({
  apiVersion: apiVersionOf(resourceTypes.ConfigMap),
  kind: "ConfigMap",
  metadata: groupMetadata(group, publicationNames(group.routerClass).drift, "drift"),
});

/**
 * What the job may do: write its report, read the golden sets of its routes by name, and say of routes what it found.
 * Of a status it may patch its own part alone, which the chart's ValidatingAdmissionPolicy sees to.
 */
export function buildDriftRole(group: GroupContext): KubeObject {
  const { ConfigMap, Event, ModelRoute } = resourceTypes;
  const configMaps = { apiGroups: [ConfigMap.group], resources: [ConfigMap.plural] };
  const { drift: report } = publicationNames(group.routerClass);
  const goldenSets = group.drift?.goldenSets ?? [];
  const rules: V1PolicyRule[] = [
    { ...configMaps, resourceNames: [report], verbs: ["get", "patch"] },
    // Without a name the rule would allow every ConfigMap.
    ...(goldenSets.length === 0
      ? []
      : [{ ...configMaps, resourceNames: [...goldenSets], verbs: ["get"] }]),
    { apiGroups: [ModelRoute.group], resources: [ModelRoute.plural], verbs: ["list"] },
    { apiGroups: [ModelRoute.group], resources: [`${ModelRoute.plural}/status`], verbs: ["patch"] },
    { apiGroups: [Event.group], resources: [Event.plural], verbs: ["create"] },
  ];
  return buildJobRole(group, driftJob(group), rules);
}

/** The admin ports of the group's routers, for those who show their token. */
function buildAdminService(group: GroupContext): KubeObject {
  const spec: V1ServiceSpec = {
    type: "ClusterIP",
    selector: routerSelector(group),
    ports: [
      {
        name: "admin",
        port: routerPorts.admin,
        protocol: "TCP",
        targetPort: "admin",
        appProtocol: "http",
      },
    ],
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.Service),
    kind: "Service",
    metadata: groupMetadata(group, adminServiceName(group), "drift"),
    spec,
  };
}
