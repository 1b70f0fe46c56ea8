import { fromKubeconfig, inCluster, type Endpoint } from "../kube/index.ts";
import { systemClock } from "../lib/index.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The API server that a command works on: in a pod the pod's own, elsewhere a kubeconfig's.
 *
 * @param flag a kubeconfig's file
 * @throws UsageError where there is none
 */
export async function clusterEndpoint(
  flag: string | undefined,
  environment: Environment,
): Promise<Endpoint> {
  const file = flag ?? environment.SWITCHYARD_KUBECONFIG;
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (file === undefined && host !== undefined && port !== undefined) {
    const folder = environment.SWITCHYARD_SERVICE_ACCOUNT_DIR;
    return inCluster({ host, port, clock: systemClock, ...(folder && { folder }) });
  }
  return fromKubeconfig(file).catch((error: unknown) => {
    throw new UsageError(
      `No cluster to work on: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
}
