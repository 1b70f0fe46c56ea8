import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError, errorBody, parseChatRequest, type ChatRequest } from "../openai/index.ts";
import { explain, needsOf, type Draws, type Explanation } from "../routing/index.ts";
import type { RouteEntry, TenantEntry } from "../table/index.ts";
import { requireSnapshot } from "./admit-stage.ts";
import type { RouterParts } from "./parts.ts";
import { classifierOf, planFor, type Snapshot } from "./snapshot.ts";

/** For whom a request is to be explained; what is left out follows from the request. */
export interface ExplainWish {
  /** Absent: an anonymous caller. */
  tenant?: string | undefined;
  /** Absent: the one that serves the request's model. */
  route?: string | undefined;
}

type Live = Pick<RouterParts, "book" | "health" | "places" | "shares" | "clock">;

/** No control arm, no newer plan, the first by weight: what most requests get. */
const usual: Draws = { weight: 0, control: 1, rollout: 1 };

/**
 * Whom such a request would be served by at this moment, and why. Nothing is called, counted or kept.
 *
 * @throws ApiError where there is no such route or tenant
 */
export function explainRequest(
  request: ChatRequest,
  wish: ExplainWish,
  snapshot: Snapshot,
  { book, health, places, shares, clock }: Live,
): Explanation {
  const route = routeOf(request, wish, snapshot);
  const tenant = tenantOf(wish, snapshot);
  return explain({
    route,
    tenant,
    backends: snapshot.table.backends,
    needs: needsOf(request),
    estimator: classifierOf(snapshot, route),
    plan: planFor(snapshot, route, tenant),
    book,
    health,
    hasRoom: (backend) => places.hasRoom(backend),
    hasShare: (backend) => shares.has(route, backend),
    draws: usual,
    now: clock.now(),
  });
}

function routeOf(
  { model }: ChatRequest,
  wish: ExplainWish,
  { routes, table }: Snapshot,
): RouteEntry {
  const named = wish.route;
  if (named === undefined) {
    const found = routes.byModel.get(model);
    if (found !== undefined) return found;
    throw unknown(
      `No route serves the model ${model}`,
      "model",
      routes.all.flatMap((each) => each.models),
    );
  }
  const found = Object.hasOwn(table.routes, named) ? table.routes[named] : undefined;
  if (found !== undefined) return found;
  throw unknown(`There is no route ${named}`, "route", Object.keys(table.routes));
}

function tenantOf({ tenant: named }: ExplainWish, { table }: Snapshot): TenantEntry | null {
  if (named === undefined) return null;
  const found = Object.hasOwn(table.tenants, named) ? table.tenants[named] : undefined;
  if (found !== undefined) return found;
  throw unknown(`There is no tenant ${named}`, "tenant", Object.keys(table.tenants));
}

/** As many names as fit a sentence. */
const listed = 10;

function unknown(what: string, param: string, names: readonly string[]): ApiError {
  const shown = names.slice(0, listed).join(", ") + (names.length > listed ? ", …" : "");
  const message = `${what}; there ${names.length === 0 ? "is none" : `are ${shown}`}`;
  return new ApiError("invalid_request_error", message, { param });
}

/** `POST /explain?tenant=T&route=R` with an OpenAI chat request: the explanation as JSON, without content. */
export function installExplain(
  server: FastifyInstance,
  parts: RouterParts,
  mayLook: (request: FastifyRequest) => boolean,
): void {
  const options = { bodyLimit: parts.settings.maxBodyBytes };
  server.post("/explain", options, async (request, reply) => {
    if (!mayLook(request)) {
      reply.code(403);
      return {
        error:
          "Ask from loopback (kubectl port-forward will do), or with the admin token as a bearer",
      };
    }
    try {
      const parsed = parseChatRequest(request.body);
      if (!parsed.ok) throw parsed.error;
      const snapshot = requireSnapshot(parts.tables.current);
      return explainRequest(parsed.value, wishOf(request.query), snapshot, parts);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      reply.code(error.status);
      return errorBody(error);
    }
  });
}

function wishOf(query: unknown): ExplainWish {
  const given = new Map(Object.entries(query ?? {}));
  return { tenant: textOf(given.get("tenant")), route: textOf(given.get("route")) };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
