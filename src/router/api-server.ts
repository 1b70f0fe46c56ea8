import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { modelBody, modelsBody } from "../openai/index.ts";
import { identify, modelNotFound, readCredential, visibleRoutes } from "../tenancy/index.ts";
import { refusalError, requireSnapshot } from "./admit-stage.ts";
import { noteArrival, watchClient } from "./arrival.ts";
import { readCertificate } from "./certificate.ts";
import { httpFault, installHttpErrors } from "./http-errors.ts";
import { parseChat, parseEmbeddings, type Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { RouterSettings } from "./settings.ts";
import { serve } from "./pipeline.ts";
import type { InFlight } from "./in-flight.ts";

/** The port that applications speak to. */
export function buildApiServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const server = openServer(parts.settings);
  server.removeAllContentTypeParsers();
  // The pipeline parses the text itself, so that a body that is no JSON leaves a record as well.
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) =>
    done(null, text),
  );
  installHttpErrors(server);
  for (const [path, parse] of [
    ["/v1/chat/completions", parseChat],
    ["/v1/embeddings", parseEmbeddings],
  ] as const) {
    server.post(path, { errorHandler: refusal(parts, inFlight) }, async (request, reply) =>
      handOver(request, reply, parse, { parts, inFlight }),
    );
  }
  server.get("/v1/models", async (request) => modelsBody(modelsFor(request, parts)));
  server.get<{ Params: { "*": string } }>("/v1/models/*", async (request) => {
    const wanted = request.params["*"];
    const model = modelsFor(request, parts).find(({ id }) => id === wanted);
    if (model === undefined) throw refusalError(modelNotFound(wanted));
    return modelBody(model);
  });
  return server;
}

function openServer(settings: RouterSettings): FastifyInstance {
  const options = {
    bodyLimit: settings.maxBodyBytes,
    requestTimeout: settings.requestTimeoutMs,
    // A connection that carries nothing is freed; load balancers keep theirs for 60 s mostly.
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 256 },
    // Ended requests are told by the record; fastify's own lines would say it twice.
    logger: false,
  };
  const http = { maxHeaderSize: settings.maxHeaderBytes };
  if (settings.tls === undefined) return fastify({ ...options, http });
  const https = { ...http, ...readCertificate(settings.tls), minVersion: "TLSv1.2" as const };
  // Fastify types a TLS server apart; what we use of it is the same.
  return fastify({ ...options, https }) as unknown as FastifyInstance;
}

interface House {
  parts: RouterParts;
  inFlight: InFlight;
}

/** From here on the pipeline writes the response, and fastify keeps out of it. */
async function handOver(
  request: FastifyRequest,
  reply: FastifyReply,
  parse: Parse,
  { parts, inFlight }: House,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  if (inFlight.draining) raw.setHeader("connection", "close");
  const arrival = noteArrival(request, watchClient(raw, request.raw.socket), parts.clock);
  await inFlight.track(raw, serve(arrival, parse, raw, parts));
}

/** What the HTTP layer refuses of a request leaves a record like every other end. */
function refusal(parts: RouterParts, inFlight: InFlight) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const refused = httpFault(error, parts.settings.maxBodyBytes);
    // What is left of a body that nobody reads would be taken for the next request.
    reply.raw.setHeader("connection", "close");
    const refuse: Parse = () => {
      throw refused;
    };
    void handOver(request, reply, refuse, { parts, inFlight });
  };
}

function modelsFor(request: FastifyRequest, parts: RouterParts) {
  const snapshot = requireSnapshot(parts);
  const identification = identify(
    readCredential(request.headers),
    snapshot.keys,
    parts.clock.now(),
  );
  const visible = visibleRoutes(identification, snapshot.routes);
  if (!visible.ok) throw refusalError(visible.error);
  return visible.value.flatMap(({ models, createdAt }) => models.map((id) => ({ id, createdAt })));
}
