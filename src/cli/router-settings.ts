import { join } from "node:path";
import type { RouterSettings } from "../router/index.ts";
import type { Environment } from "./environment.ts";
import { portRange, wholeNumber } from "./flags.ts";

/** Where a router listens, for every command that runs one. */
export const listenOptions = {
  host: { type: "string" },
  port: { type: "string" },
  "admin-host": { type: "string" },
  "admin-port": { type: "string" },
} as const;

type ListenFlags = Partial<Record<keyof typeof listenOptions, string>>;

/**
 * What the environment says; a flag wins over its variable.
 *
 * @throws UsageError naming the flag that is no port
 */
export function routerSettings(
  environment: Environment,
  flags: ListenFlags,
  defaultHost: string,
): RouterSettings {
  const port = wholeNumber("port", flags.port, portRange);
  const adminPort = wholeNumber("admin-port", flags["admin-port"], portRange);
  const token = environment.SWITCHYARD_ADMIN_TOKEN;
  return {
    host: flags.host ?? environment.SWITCHYARD_HOST ?? defaultHost,
    port: port ?? environment.SWITCHYARD_PORT ?? 8080,
    adminHost: flags["admin-host"] ?? environment.SWITCHYARD_ADMIN_HOST ?? defaultHost,
    adminPort: adminPort ?? environment.SWITCHYARD_ADMIN_PORT ?? 8081,
    ...(token === undefined ? {} : { adminToken: token }),
    ...certificateFiles(environment),
    maxBodyBytes: environment.SWITCHYARD_MAX_BODY_BYTES,
    maxHeaderBytes: environment.SWITCHYARD_MAX_HEADER_BYTES,
    maxRequests: environment.SWITCHYARD_MAX_REQUESTS,
    maxHeldBytes: environment.SWITCHYARD_MAX_HELD_BYTES,
    requestTimeoutMs: environment.SWITCHYARD_REQUEST_TIMEOUT_MS,
    clientStallMs: environment.SWITCHYARD_CLIENT_STALL_MS,
    drainMs: environment.SWITCHYARD_DRAIN_MS,
  };
}

/** Names of a Secret of type kubernetes.io/tls. */
function certificateFiles({
  SWITCHYARD_TLS_DIR: folder,
}: Environment): Pick<RouterSettings, "tls"> {
  if (folder === undefined) return {};
  return { tls: { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") } };
}
