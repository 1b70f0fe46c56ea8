import { systemClock } from "../lib/index.ts";
import { connect, inCluster } from "../kube/index.ts";
import { startRouter, type RouterParts, type RunningRouter } from "../router/index.ts";
import type { Log } from "../telemetry/index.ts";
import { Acknowledgement } from "./acknowledgement.ts";
import { ClusterTables } from "./cluster-tables.ts";
import { listenProblem } from "./listen-problem.ts";
import type { PodIdentity } from "./pod-identity.ts";
import { TableCopy } from "./table-copy.ts";

interface Order {
  pod: PodIdentity;
  routerClass: string;
  tableFolder: string;
  parts: RouterParts;
  log: Log;
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
 * @throws UsageError where a port cannot be had
 */
export async function serveCluster(order: Order): Promise<ServedCluster> {
  const { pod, routerClass, parts, log } = order;
  const connection = connect(await inCluster({ ...pod.apiServer, clock: systemClock }));
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
    copy: new TableCopy(order.tableFolder),
    log,
  });
  const router = await startRouter(parts).catch(listenProblem);
  await tables.start();
  return {
    router,
    stop: async () => {
      // The table goes on being acknowledged while requests drain: the pod still serves them.
      const cutOff = await router.stop();
      await tables.stop();
      acknowledgement.stop();
      await connection.close();
      return cutOff;
    },
  };
}
