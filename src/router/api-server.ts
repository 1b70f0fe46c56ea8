import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import fastify, { type ConnectionError, type FastifyInstance, type FastifyRequest } from "fastify";
import { modelBody, modelsBody } from "../openai/index.ts";
import { modelNotFound, readCredential, visibleRoutes } from "../tenancy/index.ts";
import { refusalError, requireSnapshot } from "./admit-stage.ts";
import { readCertificate } from "./certificate.ts";
import { FeedbackRates } from "./feedback/feedback-rates.ts";
import { takeFeedback } from "./feedback/take-feedback.ts";
import { HeldBytes } from "./held-bytes.ts";
import { installHttpErrors, refuseBadPath, refuseMalformed } from "./http-errors.ts";
import { LoadShedding } from "./load-shedding.ts";
import { parseChat, parseEmbeddings, type Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import { Receiving } from "./receiving.ts";
import { newRequestId } from "./request-id.ts";
import { switchyardHeaders } from "./response-headers.ts";
import { takeIn, type House } from "./take-in.ts";
import type { InFlight } from "./in-flight.ts";

/** The port that applications speak to. */
export function buildApiServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const held = new HeldBytes();
  const shedding = new LoadShedding(parts, { inFlight, held });
  parts.shadows.watchLoad(() => shedding.isNear());
  const house: House = { parts, inFlight, receiving: new Receiving(), held, shedding };
  const server = openServer(house);
  // Where there is nothing, a body is read and passed over.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) =>
    done(null, text),
  );
  installHttpErrors(server);
  server.addHook("onSend", async (request, reply) => {
    reply.headers(switchyardHeaders({ requestId: request.id, snapshot: parts.tables.current }));
  });
  for (const [route, parse] of pipelines) {
    server.post(route, {
      // Fastify finds the path, and keeps out of all else.
      onRequest: ({ id, raw }, reply) => {
        reply.hijack();
        takeIn({ id, route, raw, response: reply.raw, body: "" }, parse, house);
      },
      handler: () => undefined,
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
  const rates = new FeedbackRates(parts.clock);
  server.post<{ Body: string | undefined }>(
    "/v1/feedback",
    { bodyLimit: longestFeedback },
    async ({ headers, body }, reply) => {
      reply.code(202);
      return takeFeedback(headers, body ?? "", parts, rates);
    },
  );
  findFirst(server.server, house);
  return server;
}

/** In bytes: a comment of four thousand characters of any script, and what stands around it. */
const longestFeedback = 32 * 1024;

const pipelines: ReadonlyMap<string, Parse> = new Map([
  ["/v1/chat/completions", parseChat],
  ["/v1/embeddings", parseEmbeddings],
]);

/**
 * Has requests for the pipelines found before fastify: what it does for each request by itself takes a tenth of
 * the time that serving one takes. Paths that are written otherwise still come by way of fastify.
 */
function findFirst(server: Server, house: House): void {
  const others = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  server.on("request", (raw, response) => {
    const route = raw.url ?? "";
    const parse = raw.method === "POST" ? pipelines.get(route) : undefined;
    if (parse === undefined) for (const other of others) other(raw, response);
    else takeIn({ id: newRequestId(), route, raw, response, body: "" }, parse, house);
  });
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
