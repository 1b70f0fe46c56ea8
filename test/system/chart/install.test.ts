import { afterAll, describe, expect, it } from "vitest";
import {
  applyObject,
  connect,
  resourceTypes,
  type Connection,
  type KubeObject,
  type ResourceType,
} from "../../../src/kube/index.ts";
import { desiredObjects } from "../../../src/operator/desired.ts";
import { buildAnchor } from "../../../src/operator/specs/anchor.ts";
import { buildPodTemplate } from "../../../src/operator/specs/pod-template.ts";
import { chartFolder, theOne, useHelm, type Rendered, type Values } from "../../support/helm.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { makeGroup } from "../../unit/operator/specs/group-case.ts";

const system = "switchyard-system";
const models = "models";
const values: Values = { image: { repository: "registry.example/switchyard" } };
const group = makeGroup({ namespace: models });

const namespace = (name: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });

const controlPlane = useControlPlane({}, async ({ kubectl }) => {
  for (const name of [system, models]) await kubectl(["create", "-f", "-"], namespace(name));
});
const helm = useHelm();

const release = (act: string, more: Values = {}): Promise<string> =>
  helm().run(
    [act, "switchyard", chartFolder, "-n", system, "--kubeconfig", controlPlane().kubeconfig],
    { ...values, ...more },
  );

const open: Connection[] = [];
afterAll(() => Promise.all(open.map((connection) => connection.close())));

/** The API server as whoever has a token sees it. */
function connectWith(token: string): Connection {
  const { url, ca } = controlPlane();
  const connection = connect({
    server: url,
    tls: { ca: Buffer.from(ca) },
    authorize: () => Promise.resolve({ authorization: `Bearer ${token}` }),
  });
  open.push(connection);
  return connection;
}

async function connectAs(account: string, place: string, ...more: string[]): Promise<Connection> {
  const command = ["-n", place, "create", "token", account, ...more];
  return connectWith((await controlPlane().kubectl(command)).trim());
}

const typeOf = ({ kind }: KubeObject): ResourceType =>
  resourceTypes[kind as keyof typeof resourceTypes];

const apply = (item: KubeObject, connection: Connection) =>
  applyObject(item, { connection, type: typeOf(item), fieldManager: "switchyard-operator" });

/** A pod under its own name from a template, as the kubelet would not run it: there is none. */
const podOf = (name: string, { metadata, spec }: { metadata?: object; spec?: object }): string =>
  JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name }, spec });

describe("a release on a real API server", () => {
  it("has no field that the API server does not know, however much of it is turned on", async () => {
    const full = {
      ...values,
      watchNamespace: models,
      imagePullSecrets: [{ name: "registry" }],
      operator: {
        nodeSelector: { "kubernetes.io/os": "linux" },
        tolerations: [{ operator: "Exists" }],
        networkPolicy: { adminNamespaces: ["monitoring"] },
      },
      monitoring: { operator: { serviceMonitor: true } },
    };
    const objects = (await helm().render(full)).filter(({ kind }) => kind !== "ServiceMonitor");
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const command = ["create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-"];
    const made = await controlPlane().kubectl(command, list);
    expect(made.trim().split("\n")).toHaveLength(objects.length);
  });

  it("is installed into a restricted namespace, and says what to do next", async () => {
    const notes = await release("install");
    expect(notes).toContain("rollout status deployment/switchyard-operator");
    expect(notes).toContain("http://switchyard-default.NAMESPACE.svc/v1");
    const crds = await controlPlane().kubectl(["get", "crd", "-o", "name"]);
    expect(crds.trim().split("\n")).toHaveLength(3);
    const wait = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"];
    await controlPlane().kubectl(wait);
  });

  it("has an operator whose pods Pod Security lets in", async () => {
    const objects = await helm().render(values);
    const { template } = theOne(objects, "Deployment")["spec"] as { template: object };
    const command = ["-n", system, "create", "--dry-run=server", "-o", "name", "-f", "-"];
    const made = await controlPlane().kubectl(command, podOf("operator", template));
    expect(made.trim()).toBe("pod/operator");
  });

  it("lets the operator make everything of a group, the routers' rights among it", async () => {
    const operator = await connectAs("switchyard-operator", system);
    for (const item of [buildAnchor(group), ...desiredObjects(group)]) {
      const made = await apply(item, operator);
      expect(made.metadata.uid, item.kind).toBeDefined();
    }
  });

  it("lets the operator write no more: neither Secrets nor another's rights", async () => {
    const operator = await connectAs("switchyard-operator", system);
    const secrets = { method: "GET", path: `/api/v1/namespaces/${models}/secrets` } as const;
    await expect(operator.json(secrets)).rejects.toMatchObject({ code: "Forbidden" });
    const [role] = desiredObjects(group).filter(({ kind }) => kind === "Role");
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];
    await expect(apply({ ...role!, rules }, operator)).rejects.toMatchObject({
      code: "Forbidden",
    });
  });
});

describe("a router's Lease", () => {
  const uids = new Map<string, Promise<string>>();

  /** Of a router's pod, which is made when it is first asked for. */
  function uidOf(pod: string): Promise<string> {
    const command = ["-n", models, "create", "-o", "jsonpath={.metadata.uid}", "-f", "-"];
    const make = () => controlPlane().kubectl(command, podOf(pod, buildPodTemplate(group)));
    const uid = uids.get(pod) ?? make();
    uids.set(pod, uid);
    return uid;
  }

  async function lease(name: string, owner?: string): Promise<KubeObject> {
    const owners =
      owner === undefined
        ? []
        : [{ apiVersion: "v1", kind: "Pod", name: owner, uid: await uidOf(owner) }];
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: models, ownerReferences: owners },
      spec: { holderIdentity: name, leaseDurationSeconds: 45 },
    };
  }

  const asRouter = async (pod: string): Promise<Connection> => {
    const bound = ["--bound-object-kind", "Pod", "--bound-object-name", pod];
    const uid = ["--bound-object-uid", await uidOf(pod)];
    return connectAs("switchyard-default", models, ...bound, ...uid);
  };

  const [one, two] = ["switchyard-default-one", "switchyard-default-two"];

  it("is written by the router of that pod, and again", async () => {
    const router = await asRouter(one);
    const own = await lease(one, one);
    await apply(own, router);
    const again = { ...own, spec: { holderIdentity: one, leaseDurationSeconds: 46 } };
    expect((await apply(again, router))["spec"]).toMatchObject({ leaseDurationSeconds: 46 });
  });

  const denials = {
    "of another pod, that is not there yet": {
      item: () => lease(two, one),
      told: `pod ${one} may not write Lease ${two}`,
    },
    "of its own name that belongs to another pod": {
      item: () => lease(one, two),
      told: "belongs to its pod",
    },
    "that nobody owns": { item: () => lease(one), told: "belongs to its pod" },
    "that an operator leads by": {
      item: () => lease("switchyard-operator", one),
      told: "may not write Lease switchyard-operator",
    },
  };

  it.each(Object.entries(denials))("is not written where it is one %s", async (_, denial) => {
    const router = await asRouter(one);
    const item = await denial.item();
    // A new policy takes half a second to act.
    await expect
      .poll(() => apply(item, router).then(String, String), { timeout: 10_000 })
      .toContain(denial.told);
  });

  it("of another pod is not overwritten either", async () => {
    const item = await lease(two, two);
    await apply(item, await asRouter(two));
    await expect(apply(item, await asRouter(one))).rejects.toThrow(/may not write Lease/);
  });

  it("is not written with a token that is bound to no pod", async () => {
    const unbound = await connectAs("switchyard-default", models);
    await expect(apply(await lease(one, one), unbound)).rejects.toThrow(
      /this token is not bound to one/,
    );
  });

  it("is no matter for others: the operator writes its own, an administrator any", async () => {
    const operator = await connectAs("switchyard-operator", system);
    const metadata = { name: "switchyard-operator" };
    const body = { ...(await lease("switchyard-operator")), metadata };
    const path = `/apis/coordination.k8s.io/v1/namespaces/${system}/leases`;
    const own = await operator.json<KubeObject>({ method: "POST", path, body });
    expect(own.metadata.namespace).toBe(system);
    const text = JSON.stringify(await lease("anything"));
    await controlPlane().kubectl(["create", "-f", "-"], text);
  });
});

describe("a release that changes", () => {
  it("takes new classes into the operator's configuration", async () => {
    await release("upgrade", { classes: { gold: { tlsSecret: "router-tls" } } });
    const command = ["-n", system, "get", "configmap", "switchyard-operator", "-o", "json"];
    const { data } = JSON.parse(await controlPlane().kubectl(command)) as Rendered & {
      data: Record<string, string>;
    };
    expect(data["config.yaml"]).toContain("tlsSecret: router-tls");
  });

  it("leaves the definitions where it goes", async () => {
    const { kubectl, kubeconfig } = controlPlane();
    await helm().run(["uninstall", "switchyard", "-n", system, "--kubeconfig", kubeconfig]);
    const left = await kubectl(["get", "crd,clusterrole", "-o", "name"]);
    expect(left.match(/^customresourcedefinition/gm)).toHaveLength(3);
    expect(left).not.toContain("switchyard-operator");
  });
});
