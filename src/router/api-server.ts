import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ApiError, modelBody, modelsBody } from "../openai/index.ts";
import { identify, readCredential, visibleRoutes } from "../tenancy/index.ts";
import { refusalError, requireSnapshot } from "./admit-stage.ts";
import { noteArrival, watchClient } from "./arrival.ts";
import { installHttpErrors } from "./http-errors.ts";
import { parseChat, parseEmbeddings, type Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import { serve } from "./pipeline.ts";
import type { InFlight } from "./in-flight.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the body as it came. */
    bodyBytes: number;
  }
}

/** The port that applications speak to. */
export function buildApiServer(parts: RouterParts, inFlight: InFlight): FastifyInstance {
  const { settings } = parts;
  const server = fastify({
    bodyLimit: settings.maxBodyBytes,
    requestTimeout: settings.requestTimeoutMs,
    // A connection that carries nothing is freed; load balancers keep theirs for 60 s mostly.
    keepAliveTimeout: 75_000,
    http: { maxHeaderSize: settings.maxHeaderBytes },
    routerOptions: { maxParamLength: 256 },
    // Ended requests are told by the record; fastify's own lines would say it twice.
    logger: false,
  });
  server.decorateRequest("bodyBytes", 0);
  installJsonParser(server);
  installHttpErrors(server);
  const answerWith = (parse: Parse) => async (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    const { raw } = reply;
    if (inFlight.draining) raw.setHeader("connection", "close");
    const arrival = noteArrival(request, watchClient(raw), parts.clock);
    await inFlight.track(raw, serve(arrival, parse, raw, parts));
  };
  server.post("/v1/chat/completions", answerWith(parseChat));
  server.post("/v1/embeddings", answerWith(parseEmbeddings));
  server.get("/v1/models", async (request) => modelsBody(modelsFor(request, parts)));
  server.get<{ Params: { "*": string } }>("/v1/models/*", async (request) => {
    const wanted = request.params["*"];
    const model = modelsFor(request, parts).find(({ id }) => id === wanted);
    if (model === undefined) {
      throw new ApiError(
        "model_not_found",
        `The model "${wanted}" does not exist, or you do not have access to it.`,
      );
    }
    return modelBody(model);
  });
  return server;
}

/** JSON is read as it is: the bodies are data, never merged into objects of ours. */
function installJsonParser(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    const body = text as string;
    request.bodyBytes = Number(request.headers["content-length"]) || Buffer.byteLength(body);
    try {
      done(null, JSON.parse(body));
    } catch (error) {
      done(new ApiError("invalid_json", describeJsonProblem(body, error), { cause: error }));
    }
  });
}

function describeJsonProblem(body: string, error: unknown): string {
  if (body === "") return "The request has no body: send a JSON object";
  return `The request's body is not JSON: ${error instanceof Error ? positionOf(error.message) : "it does not parse"}`;
}

/** V8 quotes the text around the fault, which may be somebody's data: only the place is passed on. */
function positionOf(message: string): string {
  const place = /at position (\d+)/.exec(message)?.[1];
  return place === undefined
    ? "it ends too early or is malformed"
    : `malformed at character ${place}`;
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
