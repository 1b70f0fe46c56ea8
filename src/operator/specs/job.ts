import type {
  RbacV1Subject,
  V1Container,
  V1CronJobSpec,
  V1EnvVar,
  V1PodSpec,
  V1PolicyRule,
  V1RoleRef,
} from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import { componentSelector, groupMetadata, type Component, type GroupContext } from "../group.ts";
import type { ClassConfig } from "../operator-config.ts";
import { placementOf } from "./pod-template.ts";
import type { MountedVolume } from "./prometheus.ts";
import { recordVariables } from "./record-bucket.ts";
import { resourcesOf, restricted } from "./router-container.ts";
import { environmentSources, fromPod } from "./router-environment.ts";

/** What a group has done again and again, beside serving. */
export interface Job {
  component: Exclude<Component, "router">;
  /** Of all that the job consists of. */
  name: string;
  args: string[];
  settings: Pick<ClassConfig["plan"], "schedule" | "image" | "resources" | "deadlineSeconds">;
  /** Beside who and where it is, and where records are. */
  variables?: V1EnvVar[];
  volumes?: readonly MountedVolume[];
}

/** Where a job keeps what does not fit into its memory: the records of some weeks. */
const workFolder = "/tmp";

/** A run that failed is not tried again: the next one comes. */
export function buildCronJob(group: GroupContext, job: Job): KubeObject {
  const { schedule, deadlineSeconds } = job.settings;
  const spec: V1CronJobSpec = {
    schedule,
    // Two would write the same objects.
    concurrencyPolicy: "Forbid",
    // Where the control plane was away for longer, the run is left out and not made up for.
    startingDeadlineSeconds: 300,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels: componentSelector(group, job.component) },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: deadlineSeconds,
        template: {
          metadata: {
            labels: { ...group.config.podLabels, ...componentSelector(group, job.component) },
          },
          spec: podSpec(group, job),
        },
      },
    },
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.CronJob),
    kind: "CronJob",
    metadata: metadataOf(group, job),
    spec,
  };
}

function podSpec(group: GroupContext, job: Job): V1PodSpec {
  return {
    serviceAccountName: job.name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container(group, job)],
    volumes: [
      { name: "work", emptyDir: { sizeLimit: "10Gi" } },
      ...(job.volumes ?? []).map(({ volume }) => volume),
    ],
    ...placementOf(group),
  };
}

function container(group: GroupContext, job: Job): V1Container {
  const { operator } = group;
  const sources = environmentSources(group);
  return {
    name: job.component,
    image: job.settings.image ?? operator.jobsImage ?? operator.image,
    imagePullPolicy: operator.imagePullPolicy,
    args: job.args,
    env: environment(group, job),
    ...(sources.length === 0 ? {} : { envFrom: sources }),
    resources: resourcesOf(job.settings.resources),
    securityContext: restricted,
    volumeMounts: [
      { name: "work", mountPath: workFolder },
      ...(job.volumes ?? []).map(({ mount }) => mount),
    ],
  };
}

/** The class's own variables too: its proxies and log levels are the job's as well. */
function environment(group: GroupContext, { variables = [] }: Job): V1EnvVar[] {
  const fixed: V1EnvVar[] = [
    fromPod("POD_NAME", "metadata.name"),
    fromPod("POD_NAMESPACE", "metadata.namespace"),
    fromPod("POD_UID", "metadata.uid"),
    { name: "SWITCHYARD_ROUTER_CLASS", value: group.routerClass },
    ...recordVariables(group.config.records),
    ...variables,
  ];
  const reserved = new Set(fixed.map(({ name }) => name));
  const free = Object.entries(group.config.env)
    .filter(([name]) => !reserved.has(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
  return [...fixed, ...free];
}

type JobIdentity = Pick<Job, "name" | "component">;

const metadataOf = (group: GroupContext, { name, component }: JobIdentity) =>
  groupMetadata(group, name, component);

/** Who the job is: like that of routers it is given its cloud role by a team's annotations, which stay. */
export function buildJobServiceAccount(group: GroupContext, job: JobIdentity): KubeObject {
  return {
    apiVersion: apiVersionOf(resourceTypes.ServiceAccount),
    kind: "ServiceAccount",
    metadata: metadataOf(group, job),
  };
}

export function buildJobRole(
  group: GroupContext,
  job: JobIdentity,
  rules: V1PolicyRule[],
): KubeObject {
  const { Role } = resourceTypes;
  return { apiVersion: apiVersionOf(Role), kind: "Role", metadata: metadataOf(group, job), rules };
}

export function buildJobRoleBinding(group: GroupContext, job: JobIdentity): KubeObject {
  const { name } = job;
  const roleRef: V1RoleRef = { apiGroup: resourceTypes.Role.group, kind: "Role", name };
  const subjects: RbacV1Subject[] = [{ kind: "ServiceAccount", name, namespace: group.namespace }];
  return {
    apiVersion: apiVersionOf(resourceTypes.RoleBinding),
    kind: "RoleBinding",
    metadata: metadataOf(group, job),
    roleRef,
    subjects,
  };
}
