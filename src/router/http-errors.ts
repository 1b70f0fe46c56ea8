import { METHODS } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError, errorBody } from "../openai/index.ts";
import { clientFault } from "./client-fault.ts";
import type { InFlight } from "./in-flight.ts";
import { tooLarge, wrongMediaType } from "./read-body.ts";
import type { Receiving } from "./receiving.ts";
import { switchyardHeaders } from "./response-headers.ts";

interface Requests {
  inFlight: InFlight;
  receiving: Receiving;
}

/** What the HTTP layer itself refuses, in OpenAI's shape like all else. */
export function installHttpErrors(server: FastifyInstance): void {
  // Fastify answers methods that it does not know itself, in a shape of its own.
  for (const method of METHODS) {
    if (!server.supportedMethods.includes(method)) server.addHttpMethod(method);
  }
  installBodyErrors(server);
  server.setNotFoundHandler(async (request, reply) => {
    const fault = unknownPath(server, request.method, request.url);
    return reply.code(fault.status).headers(fault.headers).send(errorBody(fault));
  });
}

/** A path that cannot be decoded leads to no handler of ours. */
export function refuseBadPath(
  _error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const error = new ApiError("invalid_request_error", "The request's path cannot be decoded");
  const headers = switchyardHeaders({ requestId: request.id, snapshot: undefined });
  void reply.code(error.status).headers(headers).send(errorBody(error));
}

/** What fastify refuses, or a handler throws, in OpenAI's shape. */
export function installBodyErrors(server: FastifyInstance): void {
  server.setErrorHandler(async (error: FastifyError, request, reply) => {
    // Where there is nothing, what is wrong with the body that was sent there does not matter.
    const fault = request.is404
      ? unknownPath(server, request.method, request.url)
      : bodyFault(error, request.routeOptions.bodyLimit);
    const { status, facts, headers } = clientFault(fault);
    return reply.code(status).headers(headers).send(errorBody(facts));
  });
}

/** What fastify finds wrong with a body that it reads for us. */
function bodyFault(error: FastifyError, mostBytes: number): Error {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return tooLarge(mostBytes);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return wrongMediaType();
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new ApiError(
        "invalid_request_error",
        "The request's body is not of its declared length",
      );
    default:
      return error;
  }
}

const methods = ["GET", "POST"] as const;

function unknownPath(server: FastifyInstance, method: string, url: string): ApiError {
  const path = url.split("?", 1)[0] ?? url;
  const known = path.startsWith("/v1/models/") ? "/v1/models/*" : path;
  const allowed = methods.find((each) => server.hasRoute({ method: each, url: known }));
  return allowed === undefined
    ? new ApiError(
        "not_found",
        `There is nothing at ${path.slice(0, 128)}; the API's paths begin with /v1/`,
      )
    : new ApiError("method_not_allowed", `${path} takes ${allowed}, not ${method}`, {
        headers: { allow: allowed },
      });
}

/** How long a client has to read why its connection is closed. */
const lingerMs = 2_000;

/** The client has closed the connection, or its side of it, in the middle of a request. */
const leaving = new Set<string | undefined>(["ECONNRESET", "HPE_INVALID_EOF_STATE"]);

/**
 * Bytes that are not HTTP, too many of them, or too few in time. They are the request's whose body
 * was coming in. Else there is no request to answer, only a socket; and where that is being written
 * to, what we say would stand in the middle of another's answer.
 */
export function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { inFlight, receiving }: Requests,
): void {
  const { line, fault } = malformedFault(error.code);
  const gone = leaving.has(error.code) || !socket.writable;
  if (!gone && receiving.refuse(socket, fault)) return;
  if (gone || inFlight.holds(socket)) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBody(fault));
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // No server's timeout looks after this socket any more, and the client may keep its side open.
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}

function malformedFault(code: string | undefined): { line: string; fault: ApiError } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return {
        line: "431 Request Header Fields Too Large",
        fault: new ApiError("headers_too_large", "The request's headers are too large"),
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        line: "408 Request Timeout",
        fault: new ApiError("request_timeout", "The request did not arrive whole in time"),
      };
    default:
      return {
        line: "400 Bad Request",
        fault: new ApiError("invalid_request_error", "The request is not well-formed HTTP/1.1"),
      };
  }
}
