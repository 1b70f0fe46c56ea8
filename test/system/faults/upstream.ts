import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from "node:net";
import { wires, type ProviderType, type Wire } from "./wire.ts";

/** One call that a script answers; ill, as a rule. */
export interface Exchange {
  response: ServerResponse;
  wire: Wire;
  streamed: boolean;
  /** Settles once the client behind the router has got the first byte of its answer. */
  heard: Promise<void>;
}

export type Script = (exchange: Exchange) => void | Promise<void>;

/** An upstream that does to its callers what no simulator of AWS would. */
export interface Upstream {
  url: string;
  /** Calls of this model that came, and those of them whose connection still waits for an answer's end. */
  calls(model: string): { seen: number; open: number };
  close(): Promise<void>;
}

interface Options {
  provider: ProviderType;
  scriptOf: (model: string) => Script | undefined;
  /** Of the client that a model is called for. */
  heard?: (model: string) => Promise<void>;
  /** Speaks TLS with this certificate. */
  tls?: { cert: Buffer; key: Buffer };
}

export async function startUpstream(options: Options): Promise<Upstream> {
  const { provider, scriptOf, tls, heard = unheard } = options;
  const seen = new Map<string, number>();
  const open = new Map<string, number>();
  const add = (to: Map<string, number>, model: string, more: number) =>
    to.set(model, (to.get(model) ?? 0) + more);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const [, , model = "", operation = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    add(seen, model, 1);
    add(open, model, 1);
    response.once("close", () => add(open, model, -1));
    response.on("error", () => undefined);
    request.resume();
    const exchange: Exchange = {
      response,
      wire: wires[provider],
      streamed: operation.endsWith("-stream"),
      heard: heard(model),
    };
    request.once("end", () => {
      const script = scriptOf(model);
      if (script === undefined) response.destroy(new Error(`No script for ${model}`));
      else void Promise.resolve(script(exchange)).catch(() => response.destroy());
    });
  };
  const server = tls === undefined ? createHttp(onRequest) : createHttps(tls, onRequest);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    calls: (model) => ({ seen: seen.get(model) ?? 0, open: open.get(model) ?? 0 }),
    close: async () => closeServer(server),
  };
}

const unheard = async (): Promise<void> => undefined;

function closeServer(server: Server & { closeAllConnections(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Of which `open` tells how many connections stand. */
export interface Mute extends Pick<Upstream, "url" | "close"> {
  open(): number;
}

/** Takes connections as a machine does whose program hangs, and never says a byte. */
export async function startMute(): Promise<Mute> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, open: () => sockets.size, close };
}
