import { join } from "node:path";
import type { RouterSettings } from "../router/index.ts";
import type { Environment } from "./environment.ts";

/** What flags say; each wins over its variable. */
export interface ListenFlags {
  host?: string | undefined;
  port?: number | undefined;
  adminHost?: string | undefined;
  adminPort?: number | undefined;
}

export function routerSettings(
  environment: Environment,
  flags: ListenFlags,
  defaults: { host: string; adminHost: string },
): RouterSettings {
  const token = environment.SWITCHYARD_ADMIN_TOKEN;
  return {
    host: flags.host ?? environment.SWITCHYARD_HOST ?? defaults.host,
    port: flags.port ?? environment.SWITCHYARD_PORT ?? 8080,
    adminHost: flags.adminHost ?? environment.SWITCHYARD_ADMIN_HOST ?? defaults.adminHost,
    adminPort: flags.adminPort ?? environment.SWITCHYARD_ADMIN_PORT ?? 8081,
    ...(token === undefined ? {} : { adminToken: token }),
    ...certificateFiles(environment),
    maxBodyBytes: environment.SWITCHYARD_MAX_BODY_BYTES,
    maxHeaderBytes: environment.SWITCHYARD_MAX_HEADER_BYTES,
    maxRequests: environment.SWITCHYARD_MAX_REQUESTS,
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
