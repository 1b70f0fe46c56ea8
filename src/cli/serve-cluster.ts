import { systemClock } from "../lib/index.ts";
import { connect, inCluster, type KubeCall } from "../kube/index.ts";
import { startRouter, type RouterParts, type RunningRouter } from "../router/index.ts";
import type { Log } from "../telemetry/index.ts";
import { Acknowledgement } from "./acknowledgement.ts";
import { ClusterTables } from "./cluster-tables.ts";
import type { PodIdentity } from "./pod-identity.ts";
import { startProblem } from "./start-problem.ts";
import { TableCopy } from "./table-copy.ts";
import { UsageError } from "./usage-error.ts";

interface Order {
  pod: PodIdentity;
  routerClass: string;
  tableFolder: string;
  /** Holds `token` and `ca.crt`; absent: where the kubelet mounts them. */
  serviceAccountFolder?: string | undefined;
  parts: RouterParts;
  log: Log;
  /** Told of every call to the API server. */
  onCall?: (call: KubeCall) => void;
}

export interface ServedCluster {
  router: RunningRouter;
  /** @returns how many requests had to be cut off */
  stop(): Promise<number>;
}

/**
 * A router whose tables come from the operator. It listens at once, is ready with its first table, and
 * serves on from the last one while the API server is away.
 *
 * @throws UsageError where a port, the certificate or the pod's credentials cannot be had
 */
export async function serveCluster(order: Order): Promise<ServedCluster> {
  const { pod, routerClass, serviceAccountFolder: folder, parts, log } = order;
  const endpoint = await inCluster({
    ...pod.apiServer,
    clock: systemClock,
    ...(folder && { folder }),
  }).catch((error: unknown) => {
    throw new UsageError(`The pod has no credentials for the API server: ${String(error)}`);
  });
  const connection = connect(endpoint, order.onCall);
  const acknowledgement = new Acknowledgement({
    connection,
    pod,
    routerClass,
    onTrouble: (error) => log.warn("Acknowledging the table failed", { error }),
  });
  const tables = new ClusterTables({
    connection,
    group: { namespace: pod.namespace, routerClass },
    holder: parts.tables,
    acknowledgement,
    copy: new TableCopy(order.tableFolder, (error) =>
      log.warn("Keeping a copy of the table failed", { error }),
    ),
    log,
  });
  const router = await startRouter(parts).catch(startProblem);
  await tables.start();
  return {
    router,
    stop: async () => {
      // The table goes on being acknowledged while requests drain: the pod still serves them.
      const cutOff = await router.stop();
      acknowledgement.stop();
      const ended = tables.stop();
      await connection.close();
      await ended;
      return cutOff;
    },
  };
}
