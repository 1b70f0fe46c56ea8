import type { KubeObject } from "../../../src/kube/index.ts";
import { fieldManager } from "../../../src/operator/group.ts";

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object as a GET shows it after our apply: with defaults, other managers' fields and a status. */
export function asObserved(applied: KubeObject): KubeObject {
  const item = structuredClone(applied) as KubeObject & { spec?: Members };
  Object.assign(item.metadata, {
    uid: "5a1f6e0c-6f6a-4b0e-9d38-93a6c0b6d001",
    resourceVersion: "4711",
    generation: 3,
    creationTimestamp: "2026-01-02T03:04:05Z",
    annotations: { "deployment.kubernetes.io/revision": "1" },
    managedFields: [
      {
        manager: fieldManager,
        operation: "Apply",
        apiVersion: item.apiVersion,
        fieldsV1: fieldSetOf(item),
      },
      { manager: "kube-controller-manager", operation: "Update", fieldsV1: { "f:status": {} } },
    ],
  });
  item["status"] = { observedGeneration: 3 };
  if (item.spec !== undefined) addDefaults(item.kind, item.spec);
  return withoutEmpty(item) as KubeObject;
}

function addDefaults(kind: string, spec: Members): void {
  if (kind === "Deployment") addDeploymentDefaults(spec);
  if (kind === "Service") {
    Object.assign(spec, { clusterIP: "10.96.1.2", sessionAffinity: "None", ipFamilies: ["IPv4"] });
  }
}

function addDeploymentDefaults(spec: Members): void {
  spec["replicas"] ??= 1;
  spec["progressDeadlineSeconds"] = 600;
  const pod = (spec["template"] as { spec: Members }).spec;
  Object.assign(pod, {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    serviceAccount: pod["serviceAccountName"],
  });
  const [container] = pod["containers"] as [Members];
  Object.assign(container, { terminationMessagePath: "/dev/termination-log" });
  for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    Object.assign(container[probe] as Members, { successThreshold: 1 });
  }
  for (const amounts of Object.values(container["resources"] as Record<string, Members>)) {
    for (const [name, amount] of Object.entries(amounts)) amounts[name] = canonical(String(amount));
  }
  // A service mesh adds to lists that the operator has a part of.
  (pod["containers"] as Members[]).unshift({ name: "mesh-proxy", image: "mesh:1" });
  (pod["volumes"] as Members[]).push({ name: "mesh-token", emptyDir: {} });
}

/** The forms in which the API server writes the quantities of these tests. */
const canonical = (amount: string): string =>
  ({
    "0.5": "500m",
    "1000m": "1",
    "2.50": "2500m",
    "0.5Gi": "512Mi",
    "1024Mi": "1Gi",
    "1.5G": "1500M",
    "1000k": "1M",
  })[amount] ?? amount;

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMembers(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== "" && !(Array.isArray(member) && member.length === 0))
      .map(([name, member]) => [name, withoutEmpty(member)]),
  );
}

const keyed: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  ownerReferences: ["uid"],
  imagePullSecrets: ["name"],
};

/** What `managedFields` says of an applied object; lists that are not in `keyed` count as one field. */
function fieldSetOf(item: KubeObject): Members {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = item;
  const { labels, ownerReferences } = metadata;
  const parts = { metadata: { labels, ...(ownerReferences && { ownerReferences }) }, ...rest };
  return setOf(parts, "") as Members;
}

function setOf(value: unknown, field: string): unknown {
  const keys = keyed[field];
  if (Array.isArray(value) && keys !== undefined) {
    return Object.fromEntries(
      (value as Members[]).map((item) => [
        `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key]])))}`,
        { ".": {}, ...(setOf(item, "") as Members) },
      ]),
    );
  }
  if (!isMembers(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [`f:${name}`, setOf(member, name)]),
  );
}
