import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  applyObject,
  connect,
  pathOf,
  resourceTypes,
  type Connection,
  type KubeObject,
  type ResourceType,
} from "../../../src/kube/index.ts";
import { applyAnchor, applyGroup, type GroupOutcome } from "../../../src/operator/apply-group.ts";
import { desiredObjects } from "../../../src/operator/desired.ts";
import { firstDifference } from "../../../src/operator/diff.ts";
import { fieldManager } from "../../../src/operator/group.ts";
import { typeOf } from "../../../src/operator/object-identity.ts";
import { buildAnchor } from "../../../src/operator/specs/anchor.ts";
import { publicationNames } from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import {
  groupCaseNames,
  groupOfCase,
  makeGroup,
  type AnchoredGroup,
} from "../../unit/operator/specs/group-case.ts";

const controlPlane = useControlPlane();

let connections: Connection[] = [];
let admin: Connection;
let namespace: string;

/** A connection as the administrator, or as somebody whom the administrator plays. */
function connectAs(user?: string): Connection {
  const { url, ca, cert, key } = controlPlane().adminClientConfig;
  const headers: Record<string, string> = user === undefined ? {} : { "impersonate-user": user };
  const connection = connect({
    server: url,
    tls: { ca, cert, key },
    authorize: async () => headers,
  });
  connections.push(connection);
  return connection;
}

beforeEach(async () => {
  admin = connectAs();
  namespace = await controlPlane().createNamespace();
});

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  connections = [];
});

const groupTypes: readonly ResourceType[] = [
  resourceTypes.ServiceAccount,
  resourceTypes.Role,
  resourceTypes.RoleBinding,
  resourceTypes.NetworkPolicy,
  resourceTypes.Service,
  resourceTypes.PodDisruptionBudget,
  resourceTypes.Deployment,
  resourceTypes.HorizontalPodAutoscaler,
  resourceTypes.CronJob,
  resourceTypes.ConfigMap,
];

/** Everything that lies in the namespace, as a watch would show it. */
async function observe(): Promise<KubeObject[]> {
  const lists = await Promise.all(
    groupTypes.map(async (type) => {
      const { items } = await admin.json<{ items: KubeObject[] }>({
        method: "GET",
        path: pathOf(type, { namespace }),
      });
      const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
      return items.map((item) => ({ ...item, apiVersion, kind: type.kind }));
    }),
  );
  return lists.flat();
}

const groupWith = (own: Record<string, unknown> = {}): AnchoredGroup =>
  makeGroup({ namespace, ...own });

/** Applies the whole group, the anchor first, as one round of the operator does. */
async function applyAll(group: AnchoredGroup, connection = admin): Promise<GroupOutcome> {
  const anchor = await applyAnchor(group, { connection: admin, observed: await observe() });
  if (!anchor.ok) throw new Error(anchor.error.message);
  return applyGroup(
    { ...group, anchorUid: anchor.value },
    { connection, observed: await observe() },
  );
}

async function read<Kind>(type: ResourceType, name = "switchyard-default"): Promise<Kind> {
  return admin.json<Kind>({ method: "GET", path: pathOf(type, { namespace, name }) });
}

/** kubectl on the namespace; the last of its words may hold spaces. */
const kubectl = (words: string, ...last: readonly string[]): Promise<string> =>
  controlPlane().kubectl(["--namespace", namespace, ...words.split(" "), ...last]);

const patch = (kind: string, type: "json" | "strategic", change: object): Promise<string> =>
  kubectl(`patch ${kind} switchyard-default --type ${type} --patch`, JSON.stringify(change));

const versionsOf = (items: readonly KubeObject[]): Record<string, string | undefined> =>
  Object.fromEntries(
    items.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion]),
  );

const create = (type: ResourceType, body: object): Promise<KubeObject> =>
  admin.json({
    method: "POST",
    path: pathOf(type, type.namespaced ? { namespace } : {}),
    body,
  });

describe("the objects of a group", () => {
  test.each(groupCaseNames())(
    "of %s are taken by the API server and do not differ then",
    async (name) => {
      const group = { ...groupOfCase(name), namespace };
      const { problems, applied } = await applyAll(group);
      expect(problems).toEqual([]);
      expect(applied).toHaveLength(desiredObjects(group).length);

      const observed = await observe();
      const anchorUid = observed.find(({ kind }) => kind === "ConfigMap")!.metadata.uid!;
      const desired = [buildAnchor(group), ...desiredObjects({ ...group, anchorUid })];
      const differences = desired.map((item) => {
        const found = observed.find(
          ({ kind, metadata }) => kind === item.kind && metadata.name === item.metadata.name,
        );
        return firstDifference(item, found!);
      });
      expect(differences).toEqual(desired.map(() => undefined));

      expect(await applyAll(group)).toEqual({ applied: [], deleted: [], problems: [] });
      // What is not skipped changes nothing either.
      for (const item of desired) {
        await applyObject(item, {
          connection: admin,
          type: typeOf(item),
          fieldManager,
          force: true,
        });
      }
      expect(versionsOf(await observe())).toEqual(versionsOf(observed));
    },
  );

  test("lose what a class says no longer", async () => {
    await applyAll({ ...groupOfCase("everything"), namespace });
    const { applied, problems } = await applyAll(
      makeGroup({
        namespace,
        routerClass: "batch",
        config: { replicas: { min: 3, max: 24, cpuPercent: 55 } },
      }),
    );
    expect(problems).toEqual([]);
    expect(applied.map(({ object }) => object)).toEqual([
      `NetworkPolicy ${namespace}/switchyard-batch`,
      `Service ${namespace}/switchyard-batch`,
      `Deployment ${namespace}/switchyard-batch`,
    ]);
    const pod = (await read<V1Deployment>(resourceTypes.Deployment, "switchyard-batch")).spec!
      .template.spec!;
    expect(pod.nodeSelector).toBeUndefined();
    expect(pod.tolerations).toBeUndefined();
    expect(pod.containers[0]!.envFrom).toBeUndefined();
    expect(pod.volumes!.map(({ name }) => name)).toEqual(["table", "tmp"]);
    expect(pod.containers[0]!.env!.map(({ name }) => name)).not.toContain("SWITCHYARD_LOG_LEVEL");
    expect(
      (await read<KubeObject>(resourceTypes.Service, "switchyard-batch"))["spec"],
    ).toMatchObject({
      ports: [{ name: "http", port: 80 }],
    });
  });

  test("keep what others add: a team's cloud role, an injected container, a restart", async () => {
    await applyAll(groupWith());
    const role = "eks.amazonaws.com/role-arn=arn:aws:iam::111122223333:role/models";
    await kubectl(`annotate serviceaccount switchyard-default ${role}`);
    await kubectl("rollout restart deployment/switchyard-default");
    const mesh = { template: { spec: { containers: [{ name: "mesh", image: "mesh:1" }] } } };
    await patch("deployment", "strategic", { spec: mesh });
    expect((await applyAll(groupWith())).applied).toEqual([]);
    await applyAll(groupWith({ config: { env: { A: "b" } } }));
    const { metadata } = await read<KubeObject>(resourceTypes.ServiceAccount);
    expect(metadata.annotations).toHaveProperty("eks.amazonaws.com/role-arn");
    const { template } = (await read<V1Deployment>(resourceTypes.Deployment)).spec!;
    expect(template.spec!.containers.map(({ name }) => name).toSorted()).toEqual([
      "mesh",
      "router",
    ]);
    expect(template.metadata!.annotations).toHaveProperty("kubectl.kubernetes.io/restartedAt");
  });

  test("are put right where somebody changed what the operator sets", async () => {
    await applyAll(groupWith());
    await kubectl("set image deployment/switchyard-default router=other:1");
    await patch("networkpolicy", "json", [{ op: "add", path: "/spec/ingress/-", value: {} }]);
    const { applied } = await applyAll(groupWith());
    expect(applied).toEqual([
      {
        object: `NetworkPolicy ${namespace}/switchyard-default`,
        difference: expect.stringContaining("spec.ingress is "),
      },
      {
        object: `Deployment ${namespace}/switchyard-default`,
        difference:
          'spec.template.spec.containers[router].image is "other:1", wanted is "registry.example/switchyard:1.2.3"',
      },
    ]);
    expect((await applyAll(groupWith())).applied).toEqual([]);
  });

  test("are as many routers as before, while their number goes to an autoscaler and back", async () => {
    const fixed = (min: number) => groupWith({ config: { replicas: { min, max: min } } });
    const replicas = async () =>
      (await read<V1Deployment>(resourceTypes.Deployment)).spec!.replicas;
    await applyAll(fixed(3));
    expect(await replicas()).toBe(3);

    await applyAll(groupWith());
    expect(await replicas()).toBe(3);
    expect(await read(resourceTypes.HorizontalPodAutoscaler)).toMatchObject({
      spec: { minReplicas: 2 },
    });

    await kubectl("scale deployment switchyard-default --replicas=7");
    expect((await applyAll(groupWith())).applied).toEqual([]);
    expect(await replicas()).toBe(7);

    expect((await applyAll(fixed(2))).deleted).toEqual([
      `HorizontalPodAutoscaler ${namespace}/switchyard-default`,
    ]);
    expect(await replicas()).toBe(2);
    expect((await applyAll(fixed(2))).applied).toEqual([]);
  });
});

describe("a namespace that enforces Pod Security restricted", () => {
  beforeEach(async () => {
    await kubectl(`label namespace ${namespace} pod-security.kubernetes.io/enforce=restricted`);
  });

  const tryPod = async (change: (pod: V1Pod) => void = () => undefined) => {
    const { metadata, spec } = (await read<V1Deployment>(resourceTypes.Deployment)).spec!.template;
    const pod: V1Pod = { metadata: { ...metadata, name: "trial" }, ...(spec && { spec }) };
    change(pod);
    return admin.json<V1Pod>({
      method: "POST",
      path: pathOf(resourceTypes.Pod, { namespace }),
      query: { dryRun: "All" },
      body: pod,
    });
  };

  test.each(["usual", "everything"])("lets the routers of %s in", async (name) => {
    await applyAll({ ...groupOfCase(name), namespace, routerClass: "default" });
    expect((await tryPod()).metadata!.name).toBe("trial");
    await expect(
      tryPod(({ spec }) => (spec!.containers[0]!.securityContext!.runAsNonRoot = false)),
    ).rejects.toThrow("violates PodSecurity");
  });
});

describe("a router's rights", () => {
  const attempt = async (
    router: Connection,
    [method, type, name, query, body]: readonly [
      "GET" | "POST" | "PATCH" | "DELETE",
      ResourceType,
      string | undefined,
      Record<string, string>?,
      object?,
    ],
  ): Promise<string> => {
    const path = pathOf(type, { namespace, ...(name !== undefined && { name }) });
    const contentType = method === "PATCH" ? "application/apply-patch+yaml" : "application/json";
    return router
      .json({ method, path, contentType, ...(query && { query }), ...(body && { body }) })
      .then(
        () => "allowed",
        (error: { code: string }) => error.code,
      );
  };

  test("are to read the published table and to keep Leases, and no more", async () => {
    await applyAll(groupWith());
    const names = publicationNames("default");
    const router = connectAs(`system:serviceaccount:${namespace}:switchyard-default`);
    const { ConfigMap, Lease, Pod, Deployment } = resourceTypes;
    for (const name of [names.pointer, names.slot(31, "B"), "another"]) {
      await create(ConfigMap, { metadata: { name } });
    }
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "pod-1", namespace },
    };
    const only = (name: string) => ({ fieldSelector: `metadata.name=${name}` });
    const apply = { fieldManager: "router", force: "true" };
    const secret = { ...ConfigMap, kind: "Secret", plural: "secrets" };
    // Roles take effect some milliseconds after they are written.
    await expect
      .poll(() => attempt(router, ["GET", ConfigMap, names.pointer]), { timeout: 10_000 })
      .toBe("allowed");
    const cases = [
      ["allowed", "GET", ConfigMap, names.slot(31, "B")],
      ["allowed", "GET", ConfigMap, undefined, only(names.pointer)],
      ["allowed", "PATCH", Lease, "pod-1", apply, lease],
      ["Forbidden", "GET", Lease, "pod-1"],
      ["Forbidden", "GET", ConfigMap, undefined],
      ["Forbidden", "GET", ConfigMap, undefined, only(names.slot(31, "B"))],
      ["Forbidden", "GET", ConfigMap, "another"],
      [
        "Forbidden",
        "PATCH",
        ConfigMap,
        names.pointer,
        apply,
        { metadata: { name: names.pointer } },
      ],
      ["Forbidden", "GET", Lease, undefined],
      ["Forbidden", "DELETE", Lease, "pod-1"],
      ["Forbidden", "GET", secret, undefined],
      ["Forbidden", "GET", Pod, undefined],
      ["Forbidden", "GET", Deployment, "switchyard-default"],
    ] as const;
    for (const [verdict, ...call] of cases) {
      expect([await attempt(router, call), ...call]).toEqual([verdict, ...call]);
    }
  });
});

describe("a refusal of the real API server", () => {
  const grant = async (user: string, resources: readonly (readonly [string, string])[]) => {
    const rules = resources.map(([group, resource]) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: ["get", "create", "patch", "bind"],
    }));
    await create(resourceTypes.Role, { metadata: { name: user }, rules });
    await create(resourceTypes.RoleBinding, {
      metadata: { name: user },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: user },
      subjects: [{ kind: "User", name: user }],
    });
  };

  const problemsOf = async (group: AnchoredGroup, connection = admin) =>
    new Map(
      (await applyAll(group, connection)).problems.map(({ object, code, message }) => [
        object.split(" ")[0],
        { code, message },
      ]),
    );

  test("by RBAC names the verb and the resource; a Role beyond one's own rights names those", async () => {
    const rbac = "rbac.authorization.k8s.io";
    await grant("poor", [
      [rbac, "roles"],
      [rbac, "rolebindings"],
      ["", "serviceaccounts"],
    ]);
    await expect
      .poll(async () => (await problemsOf(groupWith(), connectAs("poor"))).get("Role")?.code, {
        timeout: 10_000,
      })
      .toBe("GrantForbidden");
    const problems = await problemsOf(groupWith(), connectAs("poor"));
    expect([...problems.keys()]).toEqual([
      "Role",
      "NetworkPolicy",
      "Service",
      "PodDisruptionBudget",
      "Deployment",
      "HorizontalPodAutoscaler",
    ]);
    expect(problems.get("Role")?.message).toBe(
      "The operator may grant nobody what it does not hold itself: add to its role get, list, watch on " +
        'configmaps of API group ""; create, patch on leases of API group "coordination.k8s.io"',
    );
    expect(problems.get("Deployment")).toEqual({
      code: "Forbidden",
      message: `poor lacks the verb get on deployments of API group "apps" in namespace ${namespace}: add it to the operator's role`,
    });
  });

  test("by validation names the field", async () => {
    const config = { tolerations: [{ key: "a", operator: "Like" }] };
    const problems = await problemsOf(groupWith({ config }));
    expect([...problems.keys()]).toEqual(["Deployment"]);
    expect(problems.get("Deployment")).toEqual({
      code: "Invalid",
      message: expect.stringContaining("spec.template.spec.tolerations[0].operator: "),
    });
  });

  test("of a field that is none says its name", async () => {
    const config = { tolerations: [{ key: "a", opperator: "Exists" }] };
    expect((await problemsOf(groupWith({ config }))).get("Deployment")).toEqual({
      code: "Invalid",
      message: expect.stringContaining(".opperator"),
    });
  });

  test("by a policy of the cluster hands on its words", async () => {
    const name = `no-services-${namespace}`;
    const admission = (kind: string, plural: string): ResourceType => ({
      group: "admissionregistration.k8s.io",
      version: "v1",
      kind,
      plural,
      namespaced: false,
    });
    await create(admission("ValidatingAdmissionPolicy", "validatingadmissionpolicies"), {
      metadata: { name },
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["services"] },
          ],
        },
        validations: [{ expression: "false", message: "Services are made by the platform team" }],
      },
    });
    await create(
      admission("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
      {
        metadata: { name },
        spec: { policyName: name, validationActions: ["Deny"] },
      },
    );
    // The policy acts some time after its binding: each round has a class, and so a Service, of its own.
    let round = 0;
    const told = async () => {
      round += 1;
      return (await problemsOf(groupWith({ routerClass: `class-${round}` }))).get("Service");
    };
    await expect.poll(told, { timeout: 20_000, interval: 250 }).toEqual({
      code: "PolicyDenied",
      message: expect.stringContaining("refuses it: Services are made by the platform team."),
    });
  });

  test("in a namespace on its way out says so", async () => {
    await kubectl(`delete namespace ${namespace} --wait=false`);
    const anchor = await applyAnchor(groupWith(), { connection: admin, observed: [] });
    expect(anchor).toMatchObject({
      ok: false,
      error: { code: "Terminating", message: expect.stringContaining(namespace), permanent: false },
    });
  });

  test("is not needed where another Deployment has the name: it is left as it is", async () => {
    const labels = { app: "other" };
    const spec = { containers: [{ name: "other", image: "other:1" }] };
    await create(resourceTypes.Deployment, {
      metadata: { name: "switchyard-default" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    });
    const before = await read<KubeObject>(resourceTypes.Deployment);
    const problems = await problemsOf(groupWith());
    expect(problems.get("Deployment")?.code).toBe("Taken");
    expect(await read<KubeObject>(resourceTypes.Deployment)).toEqual(before);
  });
});
