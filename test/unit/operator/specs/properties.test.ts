import type { V1CronJob, V1Deployment, V1PodSpec, V1Role } from "@kubernetes/client-node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { KubeObject } from "../../../../src/kube/index.ts";
import { desiredObjects } from "../../../../src/operator/desired.ts";
import {
  componentSelector,
  jobName,
  routerSelector,
  type GroupContext,
} from "../../../../src/operator/group.ts";
import { operatorConfig } from "../../../../src/operator/operator-config.ts";
import { buildAnchor } from "../../../../src/operator/specs/anchor.ts";
import { buildDeployment } from "../../../../src/operator/specs/deployment.ts";
import { buildDriftRole, driftJob } from "../../../../src/operator/specs/drift-job.ts";
import { buildCronJob } from "../../../../src/operator/specs/job.ts";
import { buildPlanCronJob, buildPlanRole } from "../../../../src/operator/specs/plan-job.ts";
import { buildRole } from "../../../../src/operator/specs/role.ts";
import { publicationNames } from "../../../../src/table/index.ts";
import { podSecurityProblems } from "../../../support/pod-security.ts";
import { permissions } from "../../../support/policy-rules.ts";
import { arbitraryGroup } from "../arbitrary-group.ts";
import { makeGroup } from "./group-case.ts";

const typed = <Kind>(item: KubeObject): Kind => item as unknown as Kind;

function templateOf(group: GroupContext) {
  const { template } = typed<V1Deployment>(buildDeployment(group)).spec!;
  return { ...template, spec: template.spec! };
}

const holds = (check: (group: GroupContext & { anchorUid: string }) => void): void =>
  fc.assert(fc.property(arbitraryGroup, check), { numRuns: 200 });

describe("Pod Security restricted", () => {
  test("lets the pods of any class in", () => {
    holds((group) => {
      expect(podSecurityProblems(templateOf(group).spec)).toEqual([]);
    });
  });

  const hardened = () => structuredClone(templateOf(makeGroup()).spec);
  const container = (spec: V1PodSpec) => spec.containers[0]!;

  test.each<[string, (spec: V1PodSpec) => void]>([
    ["a namespace of the host", (spec) => (spec.hostNetwork = true)],
    ["volume host", (spec) => spec.volumes!.push({ name: "host", hostPath: { path: "/" } })],
    ["router: hostPort", (spec) => (container(spec).ports![0]!.hostPort = 80)],
    ["router: privileged", (spec) => (container(spec).securityContext!.privileged = true)],
    [
      "router: privilege escalation",
      (spec) => delete container(spec).securityContext!.allowPrivilegeEscalation,
    ],
    [
      "router: capabilities are kept",
      (spec) => (container(spec).securityContext!.capabilities!.drop = ["NET_RAW"]),
    ],
    [
      "router: capabilities are added",
      (spec) => (container(spec).securityContext!.capabilities!.add = ["SYS_TIME"]),
    ],
    [
      "router: writes to its file system",
      (spec) => delete container(spec).securityContext!.readOnlyRootFilesystem,
    ],
    ["router: may run as root", (spec) => (container(spec).securityContext!.runAsNonRoot = false)],
    ["router: runs as root", (spec) => (spec.securityContext!.runAsUser = 0)],
    [
      "router: seccomp is unconfined",
      (spec) => (container(spec).securityContext!.seccompProfile = { type: "Unconfined" }),
    ],
    [
      "router: a probe or hook names a host",
      (spec) => (container(spec).livenessProbe!.httpGet!.host = "10.0.0.1"),
    ],
  ])("would not let in: %s", (violation, spoil) => {
    const spec = hardened();
    spoil(spec);
    expect(podSecurityProblems(spec)).toEqual([violation]);
  });
});

describe("a pod", () => {
  test("is found by the selectors of its group, whatever labels a class adds", () => {
    holds((group) => {
      const { selector, template } = typed<V1Deployment>(buildDeployment(group)).spec!;
      expect(template.metadata!.labels).toMatchObject(selector.matchLabels!);
    });
  });

  test("has no variable, mount or pull secret twice: the API server refuses those", () => {
    holds((group) => {
      const { containers, volumes = [], imagePullSecrets = [] } = templateOf(group).spec;
      for (const names of [
        containers[0]!.env!.map(({ name }) => name),
        containers[0]!.volumeMounts!.map(({ mountPath }) => mountPath),
        volumes.map(({ name }) => name),
        imagePullSecrets.map(({ name }) => name),
      ]) {
        expect(new Set(names).size).toBe(names.length);
      }
    });
  });

  test("knows itself by its own name, whatever a class says", () => {
    holds((group) => {
      const { env = [] } = templateOf(group).spec.containers[0]!;
      const values = Object.fromEntries(
        env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef?.fieldPath]),
      );
      expect(values).toMatchObject({
        POD_NAME: "metadata.name",
        POD_NAMESPACE: "metadata.namespace",
        POD_UID: "metadata.uid",
        SWITCHYARD_ROUTER_CLASS: group.routerClass,
        SWITCHYARD_PORT: "8080",
      });
    });
  });

  test("has time to drain as its class says, and for what comes before and after", () => {
    holds((group) => {
      const { terminationGracePeriodSeconds, containers } = templateOf(group).spec;
      const drainMs = Number(
        containers[0]!.env!.find(({ name }) => name === "SWITCHYARD_DRAIN_MS")!.value,
      );
      const preStopMs = containers[0]!.lifecycle!.preStop!.sleep!.seconds * 1_000;
      expect(drainMs).toBe(group.config.drainSeconds * 1_000);
      expect(terminationGracePeriodSeconds! * 1_000).toBeGreaterThan(preStopMs + drainMs);
    });
  });

  test("is replaced by a change of its class", () => {
    const usual = templateOf(makeGroup());
    for (const config of [
      { env: { A: "b" } },
      { tlsSecret: "tls" },
      { envFrom: [{ secret: "s" }] },
    ]) {
      expect(templateOf(makeGroup({ config }))).not.toEqual(usual);
    }
  });
});

describe("a router's Role", () => {
  test("has no wildcard, no Secret and no verb that deletes", () => {
    holds((group) => {
      for (const rule of typed<V1Role>(buildRole(group)).rules!) {
        const words = [...rule.apiGroups!, ...rule.resources!, ...rule.verbs];
        expect(words.filter((word) => word.includes("*"))).toEqual([]);
        expect(words).not.toContain("secrets");
        expect(words.filter((word) => word.startsWith("delete"))).toEqual([]);
      }
    });
  });

  test("names every ConfigMap that it opens: the pointer to watch, each slot and the drift report to get, and no more", () => {
    const { pointer, slot, model, drift } = publicationNames("batch");
    const opened = typed<V1Role>(buildRole(makeGroup({ routerClass: "batch" })))
      .rules!.filter(({ resources }) => resources!.includes("configmaps"))
      .map(({ resourceNames, verbs }) => ({ names: new Set(resourceNames), verbs }));
    const slots = Array.from({ length: 32 }, (_, bucket) => [slot(bucket, "A"), slot(bucket, "B")]);
    expect(opened).toEqual([
      { names: new Set([pointer]), verbs: ["get", "list", "watch"] },
      { names: new Set([...slots.flat(), model("A"), model("B"), drift]), verbs: ["get"] },
    ]);
  });
});

/** As a name's end tells it. */
function componentIn(name: string): string {
  if (/-plan(s|s-\d)?$/.test(name)) return "plan";
  return /-(drift|admin)$/.test(name) ? "drift" : "router";
}

describe("every object of a group", () => {
  test("lies in its namespace and names the anchor as its owner", () => {
    holds((group) => {
      const anchor = buildAnchor(group);
      expect(anchor.metadata.ownerReferences).toBeUndefined();
      for (const { metadata } of desiredObjects(group)) {
        expect(metadata.namespace).toBe(group.namespace);
        const { "app.kubernetes.io/component": component, ...labels } = metadata.labels!;
        expect({ "app.kubernetes.io/component": "router", ...labels }).toEqual(
          anchor.metadata.labels,
        );
        expect(component).toBe(componentIn(metadata.name));
        expect(metadata.ownerReferences).toEqual([
          {
            apiVersion: anchor.apiVersion,
            kind: anchor.kind,
            name: anchor.metadata.name,
            uid: group.anchorUid,
          },
        ]);
      }
    });
  });

  test("says the number of routers once: in the autoscaler, or in the Deployment", () => {
    holds((group) => {
      const objects = desiredObjects(group);
      const scaled = objects.some(({ kind }) => kind === "HorizontalPodAutoscaler");
      const { replicas } = typed<V1Deployment>(buildDeployment(group)).spec!;
      expect(replicas).toBe(scaled ? undefined : group.config.replicas.min);
    });
  });
});

describe.each([
  ["plan", buildPlanCronJob],
  ["drift", (group: GroupContext) => buildCronJob(group, driftJob(group))],
] as const)("the %s job", (component, build) => {
  const jobOf = (group: GroupContext) => typed<V1CronJob>(build(group)).spec!;
  const podOf = (group: GroupContext) => jobOf(group).jobTemplate.spec!.template.spec!;

  test("is within Pod Security restricted, and has no variable twice", () => {
    holds((group) => {
      const pod = podOf(group);
      expect(podSecurityProblems(pod)).toEqual([]);
      const names = pod.containers[0]!.env!.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    });
  });

  test("runs once at a time, within a bound, and reads where the group's routers write", () => {
    holds((group) => {
      const { concurrencyPolicy, jobTemplate } = jobOf(group);
      expect(concurrencyPolicy).toBe("Forbid");
      expect(jobTemplate.spec!.activeDeadlineSeconds).toBeGreaterThan(0);
      const places = [podOf(group), templateOf(group).spec].map(({ containers }) =>
        containers[0]!.env!.filter(({ name }) => name.startsWith("SWITCHYARD_RECORD_S3")),
      );
      if (group.config.records.s3 !== undefined) expect(places[0]).toEqual(places[1]);
    });
  });

  test("is no router: neither their Service, nor their policies, nor the operator count it", () => {
    holds((group) => {
      const { labels } = jobOf(group).jobTemplate.spec!.template.metadata!;
      expect(labels).not.toMatchObject(routerSelector(group));
      expect(labels).toMatchObject(componentSelector(group, component));
    });
  });

  test("has names that the API server takes, of any class, and no two classes one", () => {
    const classes = ["a", "default", "x".repeat(40), `${"x".repeat(39)}y`, `${"x".repeat(38)}-z`];
    const names = classes.map((routerClass) => jobName({ routerClass }, component));
    expect(names.filter((name) => name.length > 52)).toEqual([]);
    expect(new Set(names).size).toBe(classes.length);
    expect(names[1]).toBe(`switchyard-default-${component}`);
  });
});

describe("the plan job", () => {
  test("may read its class's table and read and write its plans, each by name, and nothing else", () => {
    const { rules } = typed<V1Role>(buildPlanRole(makeGroup({ routerClass: "batch" })));
    const granted = permissions(rules!);
    const shards = ["", "-2", "-3", "-4"].map((shard) => `switchyard-batch-plans${shard}`);
    expect(granted.filter((each) => !each.startsWith("get "))).toEqual(
      shards.map((name) => `patch /configmaps ${name}`),
    );
    const read = granted.flatMap((each) => /^get \/configmaps (.+)$/.exec(each)?.[1] ?? []);
    const own = /^switchyard-batch-(table|bucket-\d\d-[ab]|plans(-\d)?)$/;
    expect(read.filter((name) => !own.test(name))).toEqual([]);
    expect(read).toEqual(expect.arrayContaining(["switchyard-batch-table", ...shards]));
    expect(granted).toHaveLength(read.length + shards.length);
  });
});

describe("the drift job", () => {
  test("may write its report and its part of routes' statuses, and read golden sets by name", () => {
    const group = makeGroup({ routerClass: "batch", drift: { goldenSets: ["exam"] } });
    expect(permissions(typed<V1Role>(buildDriftRole(group)).rules!)).toEqual([
      "create events.k8s.io/events",
      "get /configmaps exam",
      "get /configmaps switchyard-batch-drift",
      "list switchyard.dev/modelroutes",
      "patch /configmaps switchyard-batch-drift",
      "patch switchyard.dev/modelroutes/status",
    ]);
  });

  test("of a group without golden sets may read no ConfigMap but its own, and come to no router", () => {
    const group = makeGroup({ drift: { goldenSets: [] } });
    const read = permissions(typed<V1Role>(buildDriftRole(group)).rules!);
    expect(read.filter((each) => each.startsWith("get "))).toEqual([
      "get /configmaps switchyard-default-drift",
    ]);
    const names = desiredObjects(group).map(({ metadata }) => metadata.name);
    expect(names).toContain("switchyard-default-drift");
    expect(names).not.toContain("switchyard-default-admin");
  });

  test("is there where the group is watched, and reads the ClickHouse of its class, or else the Prometheus that routers are told of", () => {
    holds((group) => {
      const objects = desiredObjects(group);
      const job = objects.find(
        ({ kind, metadata }) => kind === "CronJob" && metadata.name.endsWith("drift"),
      );
      expect(job !== undefined).toBe(group.drift !== undefined);
      const places = [buildCronJob(group, driftJob(group)), buildDeployment(group)].map((item) =>
        JSON.stringify(item).match(/\{"name":"SWITCHYARD_PROMETHEUS[^}]*\}/g),
      );
      const isElsewhere = group.config.clickhouse.url !== undefined;
      const none = ['{"name":"SWITCHYARD_PROMETHEUS_URL","value":""}'];
      expect(places[0]).toEqual(isElsewhere ? none : places[1]);
    });
  });
});

describe("the operator's configuration", () => {
  const bucket = { s3: { bucket: "records" } };

  test.each([
    [{ default: { plan: { enabled: true } } }, "jobs:1", "name a bucket for records"],
    [
      { default: { records: { emf: true }, env: { SWITCHYARD_RECORDS: "none" } } },
      "jobs:1",
      "metrics stand in printed records",
    ],
    [
      { default: { plan: { enabled: true }, records: bucket } },
      undefined,
      "name the image of jobs",
    ],
    [{ a: {}, "a-plan": {} }, "jobs:1", "no class may be named as another"],
    [{ a: { clickhouse: { secret: "reader" } } }, "jobs:1", "name the server"],
    [{ a: { plan: { schedule: "hourly" } } }, "jobs:1", "five fields"],
    [{ a: { records: { s3: { bucket: "B" } } } }, "jobs:1", "name of a bucket"],
    [{ a: { records: { s3: { bucket: "bucket", prefix: "/a" } } } }, "jobs:1", "slashes between"],
  ])("is refused with what to write: %j", (classes, jobsImage, says) => {
    const parsed = operatorConfig.safeParse({ image: "a:1", jobsImage, classes });
    expect(parsed.error?.issues[0]?.message).toContain(says);
  });

  test("lets a class bring the image of its jobs", () => {
    const plan = { enabled: true, image: "jobs:2" };
    const classes = { default: { plan, records: bucket } };
    expect(operatorConfig.safeParse({ image: "a:1", classes }).success).toBe(true);
  });
});
