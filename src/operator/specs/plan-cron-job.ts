import type { V1Container, V1CronJobSpec, V1EnvVar, V1PodSpec } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { componentSelector, groupMetadata, planJobName, type GroupContext } from "../group.ts";
import { placementOf } from "./pod-template.ts";
import { recordVariables } from "./record-bucket.ts";
import { resourcesOf, restricted } from "./router-container.ts";
import { environmentSources, fromPod } from "./router-environment.ts";

/** Where the job keeps what does not fit into its memory: the records of some weeks. */
const workFolder = "/tmp";

/** Makes the group's plans from its records, again and again. A run that failed is not tried again: the next one is near. */
export function buildPlanCronJob(group: GroupContext): KubeObject {
  const { schedule, deadlineSeconds } = group.config.plan;
  const spec: V1CronJobSpec = {
    schedule,
    // Two would write the same plans.
    concurrencyPolicy: "Forbid",
    // Where the control plane was away for longer, the run is left out and not made up for.
    startingDeadlineSeconds: 300,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels: componentSelector(group, "plan") },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: deadlineSeconds,
        template: {
          metadata: { labels: { ...group.config.podLabels, ...componentSelector(group, "plan") } },
          spec: podSpec(group),
        },
      },
    },
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.CronJob),
    kind: "CronJob",
    metadata: groupMetadata(group, planJobName(group), "plan"),
    spec,
  };
}

function podSpec(group: GroupContext): V1PodSpec {
  return {
    serviceAccountName: planJobName(group),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container(group)],
    volumes: [{ name: "work", emptyDir: { sizeLimit: "10Gi" } }],
    ...placementOf(group),
  };
}

function container(group: GroupContext): V1Container {
  const { config, operator } = group;
  const sources = environmentSources(group);
  return {
    name: "plan",
    image: config.plan.image ?? operator.jobsImage ?? operator.image,
    imagePullPolicy: operator.imagePullPolicy,
    args: ["plan", "--cluster"],
    env: environment(group),
    ...(sources.length === 0 ? {} : { envFrom: sources }),
    resources: resourcesOf(config.plan.resources),
    securityContext: restricted,
    volumeMounts: [{ name: "work", mountPath: workFolder }],
  };
}

/** The class's own variables too: its proxies and log levels are the job's as well. */
function environment(group: GroupContext): V1EnvVar[] {
  const fixed: V1EnvVar[] = [
    fromPod("POD_NAME", "metadata.name"),
    fromPod("POD_NAMESPACE", "metadata.namespace"),
    fromPod("POD_UID", "metadata.uid"),
    { name: "SWITCHYARD_ROUTER_CLASS", value: group.routerClass },
    ...recordVariables(group.config.records),
  ];
  const reserved = new Set(fixed.map(({ name }) => name));
  const free = Object.entries(group.config.env)
    .filter(([name]) => !reserved.has(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
  return [...fixed, ...free];
}
