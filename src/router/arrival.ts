import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyRequest } from "fastify";
import type { HttpObservation } from "../telemetry/index.ts";
import { ClientGone } from "./client-gone.ts";
import type { RouterParts } from "./parts.ts";
import type { Snapshot } from "./snapshot.ts";

/** A request as it came in, before anything of it is believed. */
export interface Arrival {
  requestId: string;
  /** Held from here to the end, whatever is loaded meanwhile; undefined before the first table. */
  snapshot: Snapshot | undefined;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** By the clock's `elapsed()`. */
  startedAt: number;
  http: HttpObservation;
  headers: FastifyRequest["headers"];
  /** As it came, of which nothing is known yet; "" where it was refused unread. */
  body: string;
  bytesIn: number;
  /** Aborted, with ClientGone, once the client has closed the connection before the end of its answer, or the router must stop. */
  gone: AbortSignal;
}

export function noteArrival(
  request: FastifyRequest,
  gone: AbortSignal,
  parts: RouterParts,
): Arrival {
  const { clock, tables } = parts;
  const body = typeof request.body === "string" ? request.body : "";
  return {
    requestId: request.id,
    snapshot: tables.current,
    receivedAt: clock.now(),
    startedAt: clock.elapsed(),
    http: describeHttp(request),
    headers: request.headers,
    body,
    bytesIn: declaredLength(request) ?? Buffer.byteLength(body),
    gone,
  };
}

/** Undefined where the client did not say; what nobody could send is not believed. */
export function declaredLength({ headers }: FastifyRequest): number | undefined {
  const length = Number(headers["content-length"] ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/**
 * Gives the signal of the client's leaving, for a response whose end has not been written yet. It is the
 * socket that tells: a response that waits for an earlier one of its connection hears of nothing.
 */
export function watchClient(
  response: ServerResponse,
  socket: Socket,
  controller = new AbortController(),
): AbortSignal {
  const onClose = () => {
    socket.off("close", onClose);
    response.off("close", onClose);
    if (!response.writableFinished) controller.abort(new ClientGone());
  };
  if (socket.destroyed || response.destroyed) onClose();
  else {
    // One for each request of a pipeline, of which there may be many.
    socket.setMaxListeners(0);
    socket.once("close", onClose);
    response.once("close", onClose);
  }
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
