import { driftConditionTypes } from "../api/index.ts";
import { groupsOf } from "../compile/index.ts";
import {
  applyObject,
  keyOf,
  KubeError,
  resourceTypes,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import { driftFieldManager } from "../table/index.ts";
import { isWatchedForDrift } from "./drift-watch.ts";
import type { Inputs } from "./gather.ts";
import type { OperatorConfig } from "./operator-config.ts";
import type { Watched } from "./watched.ts";

interface DriftPart {
  drift?: unknown;
  conditions?: readonly { type: string }[];
}

interface Options {
  connection: Connection;
  config: Pick<OperatorConfig, "classes">;
  watched: Pick<Watched, "resources">;
}

/**
 * Of routes that nobody watches any more the drift job says nothing either, and would leave what it has said.
 *
 * @throws KubeError
 */
export async function clearDriftStatuses(
  { resources }: Pick<Inputs, "resources">,
  { connection, config, watched }: Options,
): Promise<void> {
  for (const { object, manifest } of resources) {
    if (manifest.kind !== "ModelRoute") continue;
    const current = watched.resources.ModelRoute.get(keyOf(object)) ?? object;
    if (!hasDriftStatus(current)) continue;
    const routerClass = groupsOf([manifest])[0]?.routerClass ?? "";
    if (!isWatchedForDrift(manifest, config.classes[routerClass]))
      await clearDriftStatus(connection, current);
  }
}

/** Whether the drift job has said something in a route's status. */
function hasDriftStatus(object: KubeObject): boolean {
  const { drift, conditions = [] } = (object["status"] ?? {}) as DriftPart;
  return (
    drift !== undefined ||
    conditions.some(({ type }) => driftConditionTypes.some((own) => own === type))
  );
}

/**
 * Takes back what the drift job has said of a route: an apply in the job's name, of nothing. A route that is gone by
 * now is no error.
 */
async function clearDriftStatus(
  connection: Connection,
  { apiVersion, kind, metadata }: KubeObject,
): Promise<void> {
  const { name, namespace, uid } = metadata;
  try {
    await applyObject<KubeObject>(
      {
        apiVersion,
        kind,
        metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }) },
        status: {},
      },
      {
        connection,
        type: resourceTypes.ModelRoute,
        fieldManager: driftFieldManager,
        subresource: "status",
      },
    );
  } catch (error) {
    const isGone =
      error instanceof KubeError && (error.code === "NotFound" || error.code === "Conflict");
    if (!isGone) throw error;
  }
}
