import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HttpObservation } from "../telemetry/index.ts";
import { ClientGone } from "./client-gone.ts";
import type { RouterParts } from "./parts.ts";
import type { Snapshot } from "./snapshot.ts";

/** A request that is coming in. */
export interface Incoming {
  id: string;
  /** The pattern of its path. */
  route: string;
  raw: IncomingMessage;
  response: ServerResponse;
  /** As it came, of which nothing is known yet; "" where it was refused unread. */
  body: string;
}

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
  headers: IncomingHttpHeaders;
  /** As it came, of which nothing is known yet; "" where it was refused unread. */
  body: string;
  bytesIn: number;
  /** Aborted, with ClientGone, once the client has closed the connection before the end of its answer, or the router must stop. */
  gone: AbortSignal;
}

export function noteArrival(
  incoming: Incoming,
  gone: AbortSignal,
  { clock, tables }: RouterParts,
): Arrival {
  const { id, raw, body } = incoming;
  return {
    requestId: id,
    snapshot: tables.current,
    receivedAt: clock.now(),
    startedAt: clock.elapsed(),
    http: describeHttp(incoming),
    headers: raw.headers,
    body,
    bytesIn: declaredLength(raw) ?? Buffer.byteLength(body),
    gone,
  };
}

/** Undefined where the client did not say; what nobody could send is not believed. */
export function declaredLength({ headers }: IncomingMessage): number | undefined {
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

function describeHttp({ raw, route }: Incoming): HttpObservation {
  const { socket, url = "", headers } = raw;
  const { traceparent, tracestate, host } = headers;
  return {
    method: raw.method ?? "",
    route,
    path: url.split("?", 1)[0] ?? url,
    scheme: "encrypted" in socket ? "https" : "http",
    protocolVersion: raw.httpVersion,
    serverAddress: withoutPort(host ?? "") || (socket.localAddress ?? ""),
    serverPort: socket.localPort ?? 0,
    traceparent: single(traceparent),
    tracestate: single(tracestate),
  };
}

const single = (header: string | string[] | undefined): string | null =>
  typeof header === "string" ? header : null;

function withoutPort(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  return end < 0 ? host : host.slice(0, end);
}
