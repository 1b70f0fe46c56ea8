import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach } from "vitest";
import { type ChatCall, makeBedrock, type Provider } from "../../../src/providers/index.ts";
import type { Transport } from "../../../src/table/index.ts";
import { bedrockBackend, bedrockModels } from "../../support/bedrock-backend.ts";

// Upstreams that are written by hand, and providers that call them; all is closed after each test.

export const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
export const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Served {
  url: string;
  requests: IncomingMessage[];
  sockets: Set<Socket>;
}

export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request);
    sockets.add(request.socket);
    request.resume();
    request.on("end", () => answer(request, response, requests.length));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, sockets };
}

/** What Bedrock would answer. */
export const reply = JSON.stringify({
  output: { message: { role: "assistant", content: [{ text: "Hi" }] } },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  metrics: { latencyMs: 1 },
});

export function answerWell(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).end(reply);
}

export function refuse(
  response: ServerResponse,
  status: number,
  name: string,
  message = "no",
): void {
  const headers = { "content-type": "application/json", "x-amzn-errortype": name };
  response.writeHead(status, headers).end(JSON.stringify({ message }));
}

export function providerAt(
  endpoint: string,
  ask: (options?: { refresh?: boolean }) => Promise<typeof credentials> = async () => credentials,
): Provider {
  const provider = makeBedrock({ reach: () => ({ endpoint, credentials: ask }) });
  closing.push(async () => provider.close());
  return provider;
}

// Node takes every connection itself; Python does so only when told to.
export async function listenWithoutAccepting(): Promise<number> {
  const script =
    "import socket,sys;s=socket.socket();s.bind(('127.0.0.1',0));s.listen(0);print(s.getsockname()[1],flush=True);sys.stdin.read()";
  const child = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  closing.push(() => child.kill());
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return Number(line.toString());
}

export const timeouts = (more: object) => ({
  timeouts: { connectMs: 500, firstTokenMs: 500, idleMs: 500, totalMs: 20_000, ...more },
});

type Overrides = Parameters<typeof bedrockBackend>[1];

/** A call by one of the transports. */
export function askThrough(transport: Transport, overrides: Overrides = {}): ChatCall {
  const target = { ...overrides.target, transport };
  return {
    backend: bedrockBackend(bedrockModels.claude, { ...overrides, target }),
    request: { model: "any", messages: [{ role: "user", content: "Hi" }] },
    metadata: {},
    signal: AbortSignal.timeout(30_000),
  };
}
