import type { Socket } from "node:net";
import fastify, {
  type ConnectionError,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { modelBody, modelsBody } from "../openai/index.ts";
import { modelNotFound, readCredential, visibleRoutes } from "../tenancy/index.ts";
import { refusalError, requireSnapshot } from "./admit-stage.ts";
import { declaredLength, noteArrival, watchClient } from "./arrival.ts";
import { readCertificate } from "./certificate.ts";
import { ShutDown } from "./client-gone.ts";
import { HeldBytes } from "./held-bytes.ts";
import { httpFault, installHttpErrors, refuseBadPath, refuseMalformed } from "./http-errors.ts";
import { LoadShedding, overloaded, type ShedReason } from "./load-shedding.ts";
import { parseChat, parseEmbeddings, type Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import { serve } from "./pipeline.ts";
import { Receiving } from "./receiving.ts";
import { newRequestId } from "./request-id.ts";
import { switchyardHeaders } from "./response-headers.ts";
import type { InFlight } from "./in-flight.ts";

/** The port that applications speak to. */
export function buildApiServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const held = new HeldBytes();
  const shedding = new LoadShedding(parts, { inFlight, held });
  const house: House = { parts, inFlight, receiving: new Receiving(), held, shedding };
  const server = openServer(house);
  server.removeAllContentTypeParsers();
  // The pipeline parses the text itself, so that a body that is no JSON leaves a record as well.
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) =>
    done(null, text),
  );
  installHttpErrors(server);
  server.addHook("onSend", async (request, reply) => {
    reply.headers(switchyardHeaders({ requestId: request.id, snapshot: parts.tables.current }));
  });
  for (const [path, parse] of [
    ["/v1/chat/completions", parseChat],
    ["/v1/embeddings", parseEmbeddings],
  ] as const) {
    server.post(path, {
      onRequest: (request, reply, done) => {
        // Before its body takes up room.
        const shed = house.shedding.reason(declaredLength(request) ?? 0);
        if (shed !== undefined) {
          if (!isSoonRead(request)) reply.raw.setHeader("connection", "close");
          shedRequest(shed, request, reply, house);
          return;
        }
        house.receiving.begin(request.raw, (fault) => refuse(fault, request, reply, house));
        house.held.follow(request.raw, () => {
          const overfull = house.held.total > parts.settings.maxHeldBytes;
          if (!overfull || !house.receiving.end(request.raw)) return;
          reply.raw.setHeader("connection", "close");
          shedRequest("bodies", request, reply, house);
        });
        done();
      },
      errorHandler: (error: FastifyError, request, reply) =>
        refuse(httpFault(error, parts.settings.maxBodyBytes), request, reply, house),
      handler: async (request, reply) => {
        // Others may have come while its body did.
        const shed = house.shedding.reason(0);
        if (shed === undefined) await handOver(request, reply, parse, house);
        else shedRequest(shed, request, reply, house);
      },
    });
  }
  server.get("/v1/models", async (request) => modelsBody(await modelsFor(request, parts)));
  server.get<{ Params: { "*": string } }>("/v1/models/*", async (request) => {
    const wanted = request.params["*"];
    const models = await modelsFor(request, parts);
    const model = models.find(({ id }) => id === wanted);
    if (model === undefined) throw refusalError(modelNotFound(wanted));
    return modelBody(model);
  });
  return server;
}

function openServer(house: House): FastifyInstance {
  const { settings } = house.parts;
  const options = {
    bodyLimit: settings.maxBodyBytes,
    requestTimeout: settings.requestTimeoutMs,
    // A connection that carries nothing is freed; load balancers keep theirs for 60 s mostly.
    keepAliveTimeout: 75_000,
    // What still comes in on open connections while the router drains is served, and told to close.
    return503OnClosing: false,
    genReqId: newRequestId,
    frameworkErrors: refuseBadPath,
    clientErrorHandler: (error: ConnectionError, socket: Socket) =>
      refuseMalformed(error, socket, house),
    routerOptions: { maxParamLength: 256 },
    // Ended requests are told by the record; fastify's own lines would say it twice.
    logger: false,
  };
  const http = {
    maxHeaderSize: settings.maxHeaderBytes,
    // Node takes the longer of the two for bodies, the shorter for heads, and else looks for
    // requests out of time every half a minute only.
    headersTimeout: settings.requestTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, settings.requestTimeoutMs),
  };
  if (settings.tls === undefined) return fastify({ ...options, http });
  const https = { ...http, ...readCertificate(settings.tls) };
  // Fastify types a TLS server apart; what we use of it is the same.
  return fastify({ ...options, https } as object) as unknown as FastifyInstance;
}

interface House {
  parts: RouterParts;
  inFlight: InFlight;
  receiving: Receiving;
  held: HeldBytes;
  shedding: LoadShedding;
}

/** Node reads a body that nobody wants to its end; a short one costs less than a new connection. */
const soonReadBytes = 64 * 1024;

function isSoonRead(request: FastifyRequest): boolean {
  return (declaredLength(request) ?? Infinity) <= soonReadBytes;
}

function shedRequest(
  reason: ShedReason,
  request: FastifyRequest,
  reply: FastifyReply,
  house: House,
): void {
  house.parts.telemetry.requestShed(reason);
  answerWith(overloaded(reason), request, reply, house);
}

/** From here on the pipeline writes the response, and fastify keeps out of it. */
async function handOver(
  request: FastifyRequest,
  reply: FastifyReply,
  parse: Parse,
  { parts, inFlight, receiving, held }: House,
): Promise<void> {
  receiving.end(request.raw);
  reply.hijack();
  const { raw } = reply;
  if (inFlight.draining) raw.setHeader("connection", "close");
  const gone = new AbortController();
  const arrival = noteArrival(request, watchClient(raw, request.raw.socket, gone), parts);
  const cutOff = () => gone.abort(new ShutDown());
  try {
    await inFlight.track(raw, serve(arrival, parse, raw, parts), cutOff);
  } finally {
    held.release(request.raw);
  }
}

/** What the HTTP layer refuses of a request leaves a record like every other end. */
function refuse(fault: Error, request: FastifyRequest, reply: FastifyReply, house: House): void {
  // What is left of a body that nobody reads would be taken for the next request.
  reply.raw.setHeader("connection", "close");
  answerWith(fault, request, reply, house);
}

function answerWith(
  fault: Error,
  request: FastifyRequest,
  reply: FastifyReply,
  house: House,
): void {
  const parse: Parse = () => {
    throw fault;
  };
  void handOver(request, reply, parse, house);
}

async function modelsFor(request: FastifyRequest, parts: RouterParts) {
  const snapshot = requireSnapshot(parts.tables.current);
  const identification = await parts.callers.identify(readCredential(request.headers), snapshot);
  const visible = visibleRoutes(identification, snapshot.routes);
  if (!visible.ok) {
    parts.telemetry.callerRefused(visible.error.reason ?? visible.error.code);
    throw refusalError(visible.error);
  }
  return visible.value.flatMap(({ models, createdAt }) => models.map((id) => ({ id, createdAt })));
}
