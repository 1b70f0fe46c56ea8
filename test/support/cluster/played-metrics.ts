import type { Cluster } from "./cluster.ts";
import { routersLabel } from "./example-state.ts";
import { exampleNamespace } from "./installed-example.ts";
import { startJsonServer } from "./json-server.ts";
import { outsideService } from "./outside-service.ts";
import { listPods } from "./pods.ts";
import { words } from "./words.ts";

/** metrics-server, played: autoscalers hear of a use of processors that nobody has measured. */
export interface PlayedMetrics {
  /** What each router of the example uses from now on, such as `90m`. */
  use: (cpu: string) => void;
  stop: () => Promise<void>;
}

const api = "metrics.k8s.io/v1beta1";
const path = `/apis/${api}`;
const [group = "", version = ""] = api.split("/");
const registration = `${version}.${group}`;
const name = "metrics-server";
const namespace = exampleNamespace;

/** There once the API server hands on what it is asked of it. */
export async function playMetrics(cluster: Cluster): Promise<PlayedMetrics> {
  const { hostAddress, kubectl } = cluster;
  let used = "0";
  const podMetrics = async (): Promise<object> => {
    const pods = await listPods(cluster, namespace, routersLabel);
    const at = { timestamp: new Date().toISOString(), window: "1s" };
    const containers = [{ name: "router", usage: { cpu: used, memory: "128Mi" } }];
    const items = pods.map((pod) => ({
      metadata: { name: pod.name, namespace },
      ...at,
      containers,
    }));
    return { kind: "PodMetricsList", apiVersion: api, metadata: {}, items };
  };
  const server = await startJsonServer(hostAddress, async (asked) => {
    if (asked === path) return resources;
    return asked === `${path}/namespaces/${namespace}/pods` ? podMetrics() : undefined;
  });
  const ports = [{ name: "https", port: 443, targetPort: server.port }];
  const items = [...outsideService({ name, address: hostAddress, ports }), apiService];
  const objects = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectl(words`apply -f -`, objects);
  await kubectl(words`wait apiservice/${registration} --for=condition=Available --timeout=60s`);
  return {
    use: (cpu) => (used = cpu),
    stop: async () => {
      await kubectl(words`delete -f -`, objects);
      server.close();
    },
  };
}

const resources = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: api,
  resources: [
    {
      name: "pods",
      singularName: "",
      namespaced: true,
      kind: "PodMetrics",
      verbs: ["get", "list"],
    },
  ],
};

const apiService = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: registration },
  spec: {
    group,
    version,
    service: { name, namespace: "kube-system" },
    groupPriorityMinimum: 100,
    versionPriority: 100,
    // Its certificate is for its address, and the API server asks for the Service's name.
    insecureSkipTLSVerify: true,
  },
};
