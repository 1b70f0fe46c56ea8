import { readFile } from "node:fs/promises";
import { connect, inCluster, type Connection } from "../kube/index.ts";
import { systemClock } from "../lib/index.ts";
import { keyFetcher, type ReadCluster } from "../tenancy/index.ts";
import type { Environment } from "./environment.ts";
import type { PodIdentity } from "./pod-identity.ts";
import { UsageError } from "./usage-error.ts";

const discoveryPath = "/.well-known/openid-configuration";
const keysPath = "/openid/v1/jwks";

interface Pod {
  pod: PodIdentity;
  serviceAccountFolder: string | undefined;
}

/**
 * Asks the API server who issues the cluster's tokens, through the pod's own CA and token. Every ServiceAccount
 * may: Kubernetes binds `system:service-account-issuer-discovery` to all of them.
 */
export function readClusterOf({ pod, serviceAccountFolder: folder }: Pod): ReadCluster {
  return async (signal) => {
    const endpoint = await inCluster({
      ...pod.apiServer,
      clock: systemClock,
      ...(folder === undefined ? {} : { folder }),
    });
    // Minutes lie between two readings: no connection is worth keeping.
    const connection = connect(endpoint);
    try {
      return await readIssuer(connection, signal);
    } finally {
      await connection.close();
    }
  };
}

/** The path that the configuration names may be one that pods do not reach; this one they do. */
async function readIssuer(
  connection: Pick<Connection, "json">,
  signal: AbortSignal,
): Promise<{ issuer: unknown; keys: unknown }> {
  const call = { method: "GET", signal } as const;
  const { issuer } = await connection.json<{ issuer?: unknown }>({ ...call, path: discoveryPath });
  return { issuer, keys: await connection.json<unknown>({ ...call, path: keysPath }) };
}

/**
 * A cluster that whoever runs a router outside of one describes: its issuer, and its keys by a file or URL.
 *
 * @returns undefined where nothing is described
 * @throws UsageError where one is there without the other
 */
export function readClusterBy({
  SWITCHYARD_CLUSTER_ISSUER: issuer,
  SWITCHYARD_CLUSTER_JWKS: place,
}: Environment): ReadCluster | undefined {
  if (issuer === undefined && place === undefined) return undefined;
  if (issuer === undefined || place === undefined) {
    throw new UsageError(
      "SWITCHYARD_CLUSTER_ISSUER and SWITCHYARD_CLUSTER_JWKS belong together: set both, or none",
    );
  }
  if (!/^https?:\/\//.test(place)) {
    return async () => ({ issuer, keys: JSON.parse(await readFile(place, "utf8")) as unknown });
  }
  return async (signal) => {
    const { fetch, close } = keyFetcher();
    try {
      return await fetch({ issuer, keys: { type: "Jwks", uri: place } }, signal);
    } finally {
      await close();
    }
  };
}
