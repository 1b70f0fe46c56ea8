import type { V1EnvVar, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { ClassConfig } from "../operator-config.ts";
import { routerPaths } from "./router-paths.ts";

type Limits = ClassConfig["limits"];

/** What tells a router where it counts. Empty counts as unset: compile judges budgets by what the class says. */
export function storeVariables({ store, redis }: Limits): V1EnvVar[] {
  if (store === "Memory") return [{ name: "SWITCHYARD_REDIS_URL", value: "" }];
  const { addresses, cluster, tls, secret, caSecret, database, keyPrefix, timeoutMs } = redis;
  const scheme = tls ? "rediss" : "redis";
  const path = database === 0 ? "" : `/${database}`;
  return [
    {
      name: "SWITCHYARD_REDIS_URL",
      value: addresses.map((address) => `${scheme}://${address}${path}`).join(","),
    },
    { name: "SWITCHYARD_REDIS_CLUSTER", value: String(cluster) },
    { name: "SWITCHYARD_REDIS_KEY_PREFIX", value: keyPrefix },
    { name: "SWITCHYARD_REDIS_TIMEOUT_MS", value: String(timeoutMs) },
    ...(caSecret === undefined
      ? []
      : [{ name: "SWITCHYARD_REDIS_CA_FILE", value: `${routerPaths.redisCa}/ca.crt` }]),
    ...(secret === undefined
      ? []
      : [
          fromSecret("SWITCHYARD_REDIS_USERNAME", secret, "username"),
          fromSecret("SWITCHYARD_REDIS_PASSWORD", secret, "password"),
        ]),
  ];
}

// Many servers have a password and no users.
const fromSecret = (variable: string, name: string, key: string): V1EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name, key, optional: key === "username" } },
});

export function storeVolumes({ store, redis: { caSecret } }: Limits): V1Volume[] {
  if (store === "Memory" || caSecret === undefined) return [];
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  return [{ name: "redis-ca", secret: { secretName: caSecret, items, defaultMode: 0o444 } }];
}

export function storeMounts(limits: Limits): V1VolumeMount[] {
  return storeVolumes(limits).map(({ name }) => ({
    name,
    mountPath: routerPaths.redisCa,
    readOnly: true,
  }));
}

/** Ports of the store. Its addresses are names, which policies do not know: the ports are open to any address. */
export function storePorts({ store, redis }: Limits): number[] {
  if (store === "Memory") return [];
  const ports = redis.addresses.map((address) => Number(address.split(":").at(-1)));
  return [...new Set(ports)].toSorted((left, right) => left - right);
}
