// An operator in a namespace of a real API server, with routers that are played: pods that nobody runs,
// made ready by hand, whose Leases acknowledge what the test says.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kind } from "../../../src/api/index.ts";
import { inspectPacked } from "../../../src/cli/model-map.ts";
import {
  applyObject,
  connect,
  getObject,
  KubeError,
  pathOf,
  resourceTypes,
  type Connection,
  type KubeCall,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { seededRandom, systemClock, type Clock } from "../../../src/lib/index.ts";
import {
  operatorConfig,
  startOperator,
  type OperatorOptions,
  type RunningOperator,
} from "../../../src/operator/index.ts";
import { routerSelector } from "../../../src/operator/group.ts";
import {
  acknowledgementAnnotations,
  decodeTable,
  groupLabels,
  managedBy,
  publicationKeys,
  publicationNames,
  readPointer,
  unpackBucket,
  type RoutingTable,
  type TablePointer,
} from "../../../src/table/index.ts";
import { makeLog } from "../../../src/telemetry/index.ts";
import type { ControlPlane } from "../../support/kube/control-plane.ts";
import { specs } from "./sample-specs.ts";

const crdFolder = join(import.meta.dirname, "../../../crds");
const names = publicationNames("default");

export async function installDefinitions({ kubectl }: ControlPlane): Promise<void> {
  await kubectl(["apply", "--server-side", "-f", crdFolder]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "-f", crdFolder]);
}

type ConfigMap = KubeObject & {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
};

interface Status {
  observedGeneration: number;
  conditions: { type: string; status: string; reason: string; message: string }[];
  publishedGeneration?: number;
  programmed?: string;
}

export class OperatorBench {
  readonly controlPlane: ControlPlane;
  readonly namespace: string;
  readonly admin: Connection;
  readonly calls: KubeCall[] = [];
  readonly #connections: Connection[] = [];
  readonly #operators: RunningOperator[] = [];

  private constructor(controlPlane: ControlPlane, namespace: string) {
    this.controlPlane = controlPlane;
    this.namespace = namespace;
    this.admin = this.connect();
  }

  static async open(controlPlane: ControlPlane): Promise<OperatorBench> {
    return new OperatorBench(controlPlane, await controlPlane.createNamespace());
  }

  async close(): Promise<void> {
    await Promise.all(this.#operators.map((operator) => operator.stop()));
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  connect(onCall?: (call: KubeCall) => void): Connection {
    const { url, ca, cert, key } = this.controlPlane.adminClientConfig;
    const authorize = () => Promise.resolve({});
    const connection = connect({ server: url, tls: { ca, cert, key }, authorize }, onCall);
    this.#connections.push(connection);
    return connection;
  }

  /** An operator of this namespace alone, whose calls are noted. */
  async start(
    identity = "operator-one",
    changes: Partial<OperatorOptions> = {},
    clock: Clock = systemClock,
  ): Promise<RunningOperator> {
    const operator = await startOperator({
      connection: this.connect((call) => this.calls.push(call)),
      config: operatorConfig.parse({ image: "switchyard:test", namespace: this.namespace }),
      namespace: this.namespace,
      identity,
      clock,
      random: seededRandom(7),
      log: makeLog({ level: "error" }),
      inspectModel: inspectPacked,
      ...changes,
    });
    this.#operators.push(operator);
    return operator;
  }

  /** What was written since the list was emptied, Leases and Events apart. */
  writes(): string[] {
    return this.calls
      .filter(({ method, path }) => method !== "GET" && !/\/(leases|events)(\/|$)/.test(path))
      .map(({ method, path }) => `${method} ${path.split(`/namespaces/${this.namespace}/`)[1]}`);
  }

  async apply(kind: Kind, name: string, spec: object = specs[kind](name), metadata = {}) {
    return applyObject(
      {
        apiVersion: "switchyard.dev/v1alpha1",
        kind,
        metadata: { name, namespace: this.namespace, ...metadata },
        spec,
      },
      { connection: this.admin, type: resourceTypes[kind], fieldManager: "author" },
    );
  }

  async remove(kind: Kind, name: string): Promise<void> {
    const path = pathOf(resourceTypes[kind], { namespace: this.namespace, name });
    await this.admin.json({ method: "DELETE", path });
  }

  async read<Item extends KubeObject>(
    kind: keyof typeof resourceTypes,
    name: string,
  ): Promise<Item | undefined> {
    try {
      return await getObject<Item>(this.admin, resourceTypes[kind], {
        namespace: this.namespace,
        name,
      });
    } catch (error) {
      if (error instanceof KubeError && error.code === "NotFound") return undefined;
      throw error;
    }
  }

  configMap = (name: string): Promise<ConfigMap | undefined> => this.read("ConfigMap", name);

  async pointer(): Promise<TablePointer | undefined> {
    const text = (await this.configMap(names.pointer))?.data?.[publicationKeys.pointer];
    const pointer = readPointer(parseJson(text));
    return pointer.ok ? pointer.value : undefined;
  }

  /** The table as a router that starts now would read it; undefined where there is no whole one. */
  async table(): Promise<RoutingTable | undefined> {
    const pointer = await this.pointer();
    if (pointer === undefined) return undefined;
    const slots = await Promise.all(
      pointer.buckets.map(({ slot = "A" }, bucket) => this.configMap(names.slot(bucket, slot))),
    );
    const buckets = slots.map((slot) => {
      const packed = Buffer.from(slot?.binaryData?.[publicationKeys.bucket] ?? "", "base64");
      const bucket = unpackBucket(packed);
      return bucket.ok ? bucket.value : undefined;
    });
    const table = decodeTable({ pointer, buckets });
    return table.ok ? table.value : undefined;
  }

  async status(kind: Kind, name: string): Promise<Status | undefined> {
    return (await this.read(kind, name))?.["status"] as Status | undefined;
  }

  /** `True Programmed`: the status and reason of a condition. */
  async condition(kind: Kind, name: string, type: string): Promise<string | undefined> {
    const status = await this.status(kind, name);
    const condition = status?.conditions?.find((each) => each.type === type);
    return condition && `${condition.status} ${condition.reason}`;
  }

  /** Plays a router: a pod that is ready, and its Lease with the digest of the present table. */
  async playRouter(name: string, { ready = true } = {}): Promise<void> {
    await this.acknowledge(name, await this.makePod(name));
    await this.setReady(name, ready);
  }

  /** A pod of the group as a Deployment would make it, which nobody runs. @returns its uid */
  async makePod(name: string): Promise<string> {
    const { namespace } = this;
    const labels = {
      [groupLabels.managedBy]: managedBy,
      ...routerSelector({ routerClass: "default" }),
    };
    const pod = await applyObject<KubeObject>(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels },
        spec: {
          serviceAccountName: names.anchor,
          automountServiceAccountToken: false,
          containers: [{ name: "router", image: "switchyard:test" }],
        },
      },
      { connection: this.admin, type: resourceTypes.Pod, fieldManager: "test" },
    );
    return pod.metadata.uid ?? "";
  }

  async setReady(name: string, ready: boolean): Promise<void> {
    const { namespace } = this;
    await this.admin.json({
      method: "PATCH",
      path: pathOf(resourceTypes.Pod, { namespace, name, subresource: "status" }),
      contentType: "application/strategic-merge-patch+json",
      body: { status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] } },
    });
  }

  /** @param table the digest of the table that the router serves; the present one unless told */
  async acknowledge(name: string, uid?: string, table?: string): Promise<void> {
    const { namespace } = this;
    const pod = uid ?? (await this.read("Pod", name))?.metadata.uid ?? "";
    const digest = table ?? (await this.pointer())?.digest ?? "";
    await applyObject(
      {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: {
          name,
          namespace,
          labels: { [groupLabels.managedBy]: managedBy, [groupLabels.routerClass]: "default" },
          annotations: { [acknowledgementAnnotations.digest]: digest },
          ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid: pod }],
        },
      },
      { connection: this.admin, type: resourceTypes.Lease, fieldManager: "test" },
    );
  }

  async events(): Promise<string[]> {
    const path = pathOf(resourceTypes.Event, { namespace: this.namespace });
    const { items } = await this.admin.json<{ items: KubeObject[] }>({ method: "GET", path });
    return items.map((event) => {
      const { regarding, reason } = event as unknown as {
        regarding: { name: string };
        reason: string;
      };
      return `${regarding.name} ${reason}`;
    });
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

const patienceMs = 30_000;

/** Asks again and again until the answer is as wanted. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > giveUpAt)
      throw new Error(`Still ${JSON.stringify(answer)} after ${patienceMs} ms`);
    await sleep(50);
  }
}

export const becomes = <Answer>(ask: () => Promise<Answer>, wanted: Answer): Promise<Answer> =>
  eventually(ask, (answer) => JSON.stringify(answer) === JSON.stringify(wanted));
