import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Clock } from "../lib/index.ts";
import type { HttpObservation } from "../telemetry/index.ts";
import { ClientGone } from "./client-gone.ts";

/** A request as it came in, before anything of it is believed. */
export interface Arrival {
  requestId: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** By the clock's `elapsed()`. */
  startedAt: number;
  http: HttpObservation;
  headers: FastifyRequest["headers"];
  /** As it came, of which nothing is known yet; "" where it was refused unread. */
  body: string;
  bytesIn: number;
  /** Aborted, with ClientGone, once the client has closed the connection before the end of its answer. */
  gone: AbortSignal;
}

export function noteArrival(request: FastifyRequest, gone: AbortSignal, clock: Clock): Arrival {
  const body = typeof request.body === "string" ? request.body : "";
  return {
    requestId: `req_${randomUUID().replaceAll("-", "")}`,
    receivedAt: clock.now(),
    startedAt: clock.elapsed(),
    http: describeHttp(request),
    headers: request.headers,
    body,
    bytesIn: Number(request.headers["content-length"]) || Buffer.byteLength(body),
    gone,
  };
}

/** A signal of the client's leaving, for a response whose end has not been written yet. */
export function watchClient(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort(new ClientGone());
  });
  return controller.signal;
}

function describeHttp(request: FastifyRequest): HttpObservation {
  const { socket } = request;
  const { traceparent, tracestate } = request.headers;
  return {
    method: request.method,
    route: request.routeOptions.url ?? null,
    path: request.url.split("?", 1)[0] ?? request.url,
    scheme: request.protocol,
    protocolVersion: request.raw.httpVersion,
    serverAddress: request.hostname || (socket.localAddress ?? ""),
    serverPort: socket.localPort ?? 0,
    traceparent: typeof traceparent === "string" ? traceparent : null,
    tracestate: typeof tracestate === "string" ? tracestate : null,
  };
}
