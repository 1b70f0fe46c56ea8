// Routers of this process that take their tables from a real API server, with no more rights than the
// operator gives them: a pod that nobody runs, its ServiceAccount's token, and a folder as its disk.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterShelf } from "../../../src/cli/drift/cluster-shelf.ts";
import { readClusterOf } from "../../../src/cli/read-cluster.ts";
import type { PodIdentity } from "../../../src/cli/pod-identity.ts";
import { serveCluster, type ServedCluster } from "../../../src/cli/serve-cluster.ts";
import type { DriftLook } from "../../../src/console/index.ts";
import {
  applyObject,
  pathOf,
  resourceTypes,
  type KubeCall,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { systemClock } from "../../../src/lib/index.ts";
import { ClusterPublication } from "../../../src/operator/cluster-publication.ts";
import { labelsOfGroup } from "../../../src/operator/group.ts";
import { planPublication } from "../../../src/operator/publication-plan.ts";
import {
  encodeTable,
  readPointer,
  type RoutingTable,
  type TablePointer,
} from "../../../src/table/index.ts";
import { Callers, keyFetcher } from "../../../src/tenancy/index.ts";
import { makeLog, type TableLoaded } from "../../../src/telemetry/index.ts";
import { makeParts, reply, settings, type Script } from "../../support/router-parts.ts";
import type { OperatorBench } from "./operator-bench.ts";

export interface ReadyAnswer {
  code: number;
  status: string;
  digest: string | null;
  problems: string[];
}

interface RouterOptions {
  serviceAccount?: string;
  /** How the backend nova answers. */
  script?: Script;
}

export class RouterBench {
  readonly calls: KubeCall[] = [];
  readonly lines: string[] = [];
  /** The tables that its present process has adopted. */
  loads: readonly TableLoaded[] = [];
  readonly #bench: OperatorBench;
  readonly #pod: KubeObject;
  readonly #folder: string;
  #served: ServedCluster | undefined;

  private constructor(bench: OperatorBench, pod: KubeObject, folder: string) {
    this.#bench = bench;
    this.#pod = pod;
    this.#folder = folder;
  }

  /** Makes the pod, and starts its router. */
  static async start(
    bench: OperatorBench,
    name: string,
    { serviceAccount = "switchyard-default", script }: RouterOptions = {},
  ): Promise<RouterBench> {
    const { namespace, admin, controlPlane } = bench;
    const pod = await applyObject<KubeObject>(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels: labelsOfGroup({ routerClass: "default" }) },
        spec: {
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: false,
          containers: [{ name: "router", image: "switchyard:test" }],
        },
      },
      { connection: admin, type: resourceTypes.Pod, fieldManager: "test" },
    );
    const folder = await mkdtemp(join(tmpdir(), "switchyard-router-"));
    await mkdir(join(folder, "account"));
    const token = await controlPlane.kubectl(["-n", namespace, "create", "token", serviceAccount]);
    await writeFile(join(folder, "account", "token"), token);
    await writeFile(join(folder, "account", "ca.crt"), controlPlane.ca);
    const router = new RouterBench(bench, pod, folder);
    await router.restart(script);
    return router;
  }

  /** Another process in the same pod: it finds what the one before left on the disk. */
  async restart(script: Script = { chat: () => reply() }): Promise<void> {
    await this.stop();
    const pod = this.#identity();
    const serviceAccountFolder = join(this.#folder, "account");
    const keys = keyFetcher(readClusterOf({ pod, serviceAccountFolder }));
    const callers = new Callers({ clock: systemClock, fetchKeys: keys.fetch, close: keys.close });
    const changes = { settings: { ...settings, drainMs: 20_000 }, callers };
    const parts = makeParts(undefined, { nova: script }, changes);
    this.loads = parts.loads;
    this.#served = await serveCluster({
      pod,
      routerClass: "default",
      tableFolder: join(this.#folder, "table"),
      serviceAccountFolder,
      parts,
      log: makeLog({ output: { write: (line) => this.lines.push(line) } }),
      onCall: (call) => this.calls.push(call),
    });
  }

  /** The drift report as its console finds it. */
  lookAtDrift = (): Promise<DriftLook> =>
    clusterShelf({
      pod: this.#identity(),
      routerClass: "default",
      serviceAccountFolder: join(this.#folder, "account"),
      onCall: (call) => this.calls.push(call),
    }).look();

  #identity(): PodIdentity {
    const { hostname: host, port } = new URL(this.#bench.controlPlane.url);
    const { namespace = "", name, uid = "" } = this.#pod.metadata;
    return { namespace, name, uid, apiServer: { host, port } };
  }

  async stop(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    await served?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  readyz = async (): Promise<ReadyAnswer> => {
    const answer = await fetch(`${this.#served?.router.adminUrl}/readyz`);
    return { code: answer.status, ...((await answer.json()) as Omit<ReadyAnswer, "code">) };
  };

  /** What a client gets for a model: the answer's status. */
  ask = async (model: string, key?: string): Promise<number> => {
    const answer = await fetch(`${this.#served?.router.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        connection: "close",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }] }),
    });
    await answer.text();
    return answer.status;
  };

  lease = (): Promise<KubeObject | undefined> => this.#bench.read("Lease", this.#pod.metadata.name);

  /** `DIGEST` or `DIGEST: why another was refused`, as the operator reads it. */
  acknowledged = async (): Promise<string | undefined> => {
    const { annotations = {} } = (await this.lease())?.metadata ?? {};
    const digest = annotations["switchyard.dev/table-digest"];
    const error = annotations["switchyard.dev/table-error"];
    return error === undefined ? digest : `${digest}: ${error}`;
  };

  /** As the kubelet says it. */
  async setReady(): Promise<void> {
    const { namespace, name } = this.#pod.metadata;
    await this.#bench.admin.json({
      method: "PATCH",
      path: pathOf(resourceTypes.Pod, { namespace, name, subresource: "status" }),
      contentType: "application/strategic-merge-patch+json",
      body: { status: { conditions: [{ type: "Ready", status: "True" }] } },
    });
  }
}

/**
 * Publishes a table by the operator's own hand, for when no operator runs.
 *
 * @param beforePointer what happens when the slots are written and the pointer is not
 * @param model the gzip of the classifier model that the table names
 */
export async function publish(
  bench: OperatorBench,
  table: RoutingTable,
  beforePointer: () => Promise<unknown> = async () => undefined,
  model?: Uint8Array,
): Promise<TablePointer> {
  const { namespace } = bench;
  const group = { namespace, routerClass: "default" };
  const publication = new ClusterPublication(bench.admin, group);
  const anchor = await bench.configMap("switchyard-default");
  publication.anchorUid = anchor?.metadata.uid;
  const before = readPointer(await publication.readPointer());
  const plan = planPublication(before.ok ? before.value : undefined, encodeTable(table), model);
  if (!plan.ok) throw new Error("The table does not fit");
  for (const slot of plan.value.slots) await publication.writeSlot(slot);
  await beforePointer();
  await publication.writePointer(plan.value.pointer);
  return plan.value.pointer;
}
