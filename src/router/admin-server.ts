import { createHash, timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { describeLive } from "./live-backends.ts";
import { installExplain } from "./explain-request.ts";
import type { RouterParts } from "./parts.ts";
import { installReplay } from "./replay/replay-endpoint.ts";
import type { InFlight } from "./in-flight.ts";

/** The port for probes, scrapers and the people who run the router. */
export function buildAdminServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const { tables, telemetry, settings } = parts;
  const server = fastify({ logger: false, requestTimeout: 10_000 });
  server.get("/livez", async () => ({ status: "alive" }));
  server.get("/readyz", async (_request, reply) => {
    const { current } = tables;
    const problems = [...tables.problems, ...issuerProblems(parts)];
    const status = readiness(current !== undefined, inFlight.draining);
    reply.code(status === "ready" ? 200 : 503);
    return { status, digest: current?.digest ?? null, problems };
  });
  server.get("/metrics", async (_request, reply) => {
    reply.type("text/plain; version=0.0.4; charset=utf-8");
    return telemetry.metricsText();
  });
  server.get("/table", async (request, reply) => {
    if (!mayLookInside(request, settings.adminToken)) {
      reply.code(403);
      return {
        error:
          "Ask from loopback (kubectl port-forward will do), or with the admin token as a bearer",
      };
    }
    return describeTable(parts);
  });
  installExplain(server, parts, (request) => mayLookInside(request, settings.adminToken));
  installReplay(server, parts, (request) => mayLookInside(request, settings.adminToken));
  server.setNotFoundHandler(async (_request, reply) => {
    reply.code(404);
    return {
      error:
        "The admin port has /livez, /readyz, /metrics, /table, /explain and /replay/chat/completions",
    };
  });
  return server;
}

function readiness(
  hasTable: boolean,
  draining: boolean,
): "ready" | "draining" | "waiting for a table" {
  if (draining) return "draining";
  return hasTable ? "ready" : "waiting for a table";
}

/** Issuers whose tokens cannot be verified, or soon cannot. */
function issuerProblems({ callers }: RouterParts): string[] {
  return callers.issuers().flatMap(({ issuer, keys, problem }) => {
    if (problem === null) return [];
    const whose = issuer === null ? "the cluster" : issuer;
    const state = keys === 0 ? "there are none" : "older ones are used for an hour at most";
    return [`The keys of ${whose} cannot be fetched, and ${state}: ${problem}`];
  });
}

/** The table as it is served, with what its source has to complain of. It holds no secret; key hashes are left out all the same. */
function describeTable(parts: RouterParts): object {
  const { current } = parts.tables;
  const problems = [...parts.tables.problems, ...issuerProblems(parts)];
  if (current === undefined) return { digest: null, problems };
  const { table, digest, loadedAt } = current;
  const live = Object.values(table.backends).map((backend) => describeLive(backend, parts));
  const tenants = Object.values(table.tenants).map(({ keys, ...tenant }) => ({
    ...tenant,
    keys: keys.map(({ sha256: _sha256, ...key }) => key),
  }));
  return {
    digest,
    loadedAt: new Date(loadedAt).toISOString(),
    problems,
    group: table.group,
    routes: Object.values(table.routes),
    backends: Object.values(table.backends),
    tenants,
    plans: Object.values(table.plans),
    classifiers: {
      builtIn: current.classifiers.builtIn?.digest ?? null,
      own: current.classifiers.own?.digest ?? null,
    },
    issuers: parts.callers.issuers(),
    live,
  };
}

const loopback = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Callers on loopback, or with the token. On loopback the Host header must name it too: a page in
 * somebody's browser can be made to reach loopback under another name, and must not read this.
 */
function mayLookInside(request: FastifyRequest, token: string | undefined): boolean {
  const [scheme, shown] = (request.headers.authorization ?? "").split(" ", 2);
  if (token !== undefined && scheme?.toLowerCase() === "bearer" && shown !== undefined) {
    return sameSecret(shown, token);
  }
  return loopback.has(request.ip) && loopbackNames.has(request.hostname);
}

function sameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
