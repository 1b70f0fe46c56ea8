import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../lib/index.ts";
import type { Endpoint } from "./connection.ts";

/** Where the kubelet mounts a pod's own ServiceAccount. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The kubelet renews tokens long before they end; a minute's age does no harm. */
const tokenAgeMs = 60_000;

interface Host {
  host: string;
  port: string;
  clock: Clock;
  folder?: string;
}

/**
 * The API server as a pod sees it. It needs no client library, which would cost a router half a second
 * at its start.
 *
 * @throws the error of reading the mounted files
 */
export async function inCluster({
  host,
  port,
  clock,
  folder = serviceAccountFolder,
}: Host): Promise<Endpoint> {
  const ca = await readFile(join(folder, "ca.crt"));
  let token = "";
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { ca },
    authorize: async () => {
      if (clock.elapsed() - readAt > tokenAgeMs) {
        token = (await readFile(join(folder, "token"), "utf8")).trim();
        readAt = clock.elapsed();
      }
      return { authorization: `Bearer ${token}` };
    },
  };
}
