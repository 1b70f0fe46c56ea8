import fastify, { type FastifyInstance } from "fastify";
import { adminAccess } from "./admin-access.ts";
import { describeLive } from "./live-backends.ts";
import { installExplain } from "./explain-request.ts";
import type { RouterParts } from "./parts.ts";
import { installReplay } from "./replay/replay-endpoint.ts";
import type { InFlight } from "./in-flight.ts";
import { ignoredPlanProblems } from "./ignored-plans.ts";
import { sourceProblems } from "./source-problems.ts";

/** The port for probes, scrapers and the people who run the router. */
export function buildAdminServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const { tables, telemetry, settings } = parts;
  const server = fastify({ logger: false, requestTimeout: 10_000 });
  const access = adminAccess(settings.adminToken);
  server.get("/livez", async () => ({ status: "alive" }));
  server.get("/readyz", async (_request, reply) => {
    const { current } = tables;
    const problems = sourceProblems(parts);
    const status = readiness(current !== undefined, inFlight.draining);
    reply.code(status === "ready" ? 200 : 503);
    return { status, digest: current?.digest ?? null, problems };
  });
  server.get("/metrics", async (_request, reply) => {
    reply.type("text/plain; version=0.0.4; charset=utf-8");
    return telemetry.metricsText();
  });
  server.get("/table", async (request, reply) => {
    if (!access.mayLook(request)) {
      reply.code(403);
      return {
        error:
          "Ask from loopback (kubectl port-forward will do), or with the admin token as a bearer",
      };
    }
    return describeTable(parts);
  });
  installExplain(server, parts, access.mayLook);
  installReplay(server, parts, access.mayLook);
  parts.extendAdminPort?.(server, access, parts);
  server.setNotFoundHandler(async (_request, reply) => {
    reply.code(404);
    return {
      error:
        "The admin port has /console, /livez, /readyz, /metrics, /table, /explain and /replay/chat/completions",
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

/** The table as it is served, with what is wrong with it or its source. It holds no secret; key hashes are left out all the same. */
function describeTable(parts: RouterParts): object {
  const { current } = parts.tables;
  const problems = [...sourceProblems(parts), ...ignoredPlanProblems(current)];
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
