import { applyObject, resourceTypes, type Connection, type KubeObject } from "../kube/index.ts";
import { fieldManager } from "./group.ts";
import { ownsField } from "./owned-fields.ts";

/**
 * Gives the number of routers to a manager of its own, before an apply that leaves it to the
 * autoscaler: a field that its only owner leaves out falls to its default, here a single router.
 *
 * @throws KubeError
 */
export async function keepReplicas(
  desired: KubeObject,
  observed: KubeObject,
  connection: Connection,
): Promise<void> {
  if (observed.kind !== resourceTypes.Deployment.kind) return;
  const replicas = replicasOf(observed);
  if (replicasOf(desired) !== undefined || replicas === undefined) return;
  if (!ownsField(observed, "spec", "replicas")) return;
  const { name, namespace = "", uid = "" } = observed.metadata;
  await applyObject(
    {
      apiVersion: desired.apiVersion,
      kind: desired.kind,
      metadata: { name, namespace, uid },
      spec: { replicas },
    },
    {
      connection,
      type: resourceTypes.Deployment,
      fieldManager: `${fieldManager}-replicas`,
      force: true,
    },
  );
}

const replicasOf = (deployment: KubeObject): number | undefined =>
  (deployment["spec"] as { replicas?: number }).replicas;
