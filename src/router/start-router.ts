import { setTimeout as sleep } from "node:timers/promises";
import type { Server as TlsServer } from "node:tls";
import type { FastifyInstance } from "fastify";
import { buildAdminServer } from "./admin-server.ts";
import { buildApiServer } from "./api-server.ts";
import { followCertificate } from "./certificate.ts";
import { InFlight } from "./in-flight.ts";
import { liveBackends } from "./live-backends.ts";
import { livePlans } from "./live-plans.ts";
import { livePromises } from "./live-promises.ts";
import type { RouterParts } from "./parts.ts";

export interface RunningRouter {
  /** Of the API, such as `http://127.0.0.1:8080`. */
  url: string;
  adminUrl: string;
  /**
   * Stops taking requests, lets those under way end within `drainMs`, then frees everything that was
   * handed in: providers, telemetry, records.
   *
   * @returns how many requests had to be cut off
   */
  stop(): Promise<number>;
}

/**
 * @throws CertificateError, and the listening error (EADDRINUSE, EACCES …) of either port; nothing is
 *   left open then
 */
export async function startRouter(parts: RouterParts): Promise<RunningRouter> {
  const { settings, telemetry } = parts;
  const inFlight = new InFlight();
  const api = buildApiServer(parts, inFlight);
  const admin = buildAdminServer(parts, inFlight);
  telemetry.watchInFlight(() => inFlight.count);
  telemetry.watchBackends(() => liveBackends(parts));
  telemetry.watchPlans(() => livePlans(parts));
  telemetry.watchPromises(() => livePromises(parts));
  try {
    await api.listen({ host: settings.host, port: settings.port });
    await admin.listen({ host: settings.adminHost, port: settings.adminPort });
  } catch (error) {
    await closeAll([api, admin]);
    throw error;
  }
  const unfollow = followTls(parts, api);
  let stopped: Promise<number> | undefined;
  return {
    url: urlOf(api, settings.host),
    adminUrl: urlOf(admin, settings.adminHost),
    stop: () => {
      unfollow();
      return (stopped ??= stopRouter(parts, inFlight, { api, admin }));
    },
  };
}

function followTls({ settings, onFault }: RouterParts, api: FastifyInstance): () => void {
  if (settings.tls === undefined) return () => undefined;
  const server = api.server as unknown as TlsServer;
  return followCertificate(
    settings.tls,
    (certificate) => server.setSecureContext(certificate),
    (error) => onFault(error, "certificate"),
  );
}

interface Servers {
  api: FastifyInstance;
  admin: FastifyInstance;
}

async function stopRouter(
  parts: RouterParts,
  inFlight: InFlight,
  { api, admin }: Servers,
): Promise<number> {
  // The listener goes first; fastify's close then waits for the requests, which drain bounds.
  const closed = api.close();
  parts.shadows.close();
  const cutOff = await drainAll(inFlight, parts.settings.drainMs);
  await parts.shadows.stop();
  api.server.closeAllConnections();
  await closed;
  await closeAll([admin]);
  await Promise.allSettled(Object.values(parts.providers).map((provider) => provider.close()));
  await parts.filters.close();
  await parts.callers.close();
  await parts.limits.close();
  await parts.records.close();
  await parts.telemetry.shutdown();
  return cutOff;
}

// Who has just been answered may be sending the next request on the same connection already. That one
// is served as well, and told to close, so nobody comes twice.
const lingerMs = 500;

async function drainAll(inFlight: InFlight, ms: number): Promise<number> {
  const giveUpAt = performance.now() + ms;
  let cutOff = 0;
  do {
    cutOff += await inFlight.drain(Math.max(0, giveUpAt - performance.now()));
    await sleep(Math.min(lingerMs, ms));
  } while (inFlight.count > 0);
  return cutOff;
}

async function closeAll(servers: readonly FastifyInstance[]): Promise<void> {
  for (const server of servers) server.server.closeAllConnections();
  await Promise.allSettled(servers.map((server) => server.close()));
}

function urlOf(server: FastifyInstance, host: string): string {
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const scheme = "setSecureContext" in server.server ? "https" : "http";
  return `${scheme}://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}
