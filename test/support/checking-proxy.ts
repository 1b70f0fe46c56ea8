import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

import { decodeFrames } from "./frame-decoder.ts";
import { checkError, checkFrame, checkMessage } from "./service-model.ts";
import type { ServiceModel } from "./service-model-shapes.ts";

/** A proxy between any AWS client and a simulator that holds everything against the service models. */
export interface CheckingProxy {
  url: string;
  /** What did not fit, in words; empty where all did. */
  complaints: string[];
  /** Requests and frames that were checked, by operation: a test that checked nothing must not pass. */
  checked: Map<string, number>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  models: { bedrock: ServiceModel; sagemaker: ServiceModel };
  /** Where the simulator listens. */
  target: string;
  /** Bad requests are sent on purpose: check only the answers. */
  answersOnly?: boolean;
}

const operationNames: Record<string, string> = {
  converse: "Converse",
  "converse-stream": "ConverseStream",
  invoke: "InvokeModel",
  "count-tokens": "CountTokens",
  version: "ApplyGuardrail",
  invocations: "InvokeEndpoint",
  "invocations-response-stream": "InvokeEndpointWithResponseStream",
};

export async function startCheckingProxy(options: ProxyOptions): Promise<CheckingProxy> {
  const proxy: CheckingProxy = {
    url: "",
    complaints: [],
    checked: new Map(),
    close: async () => undefined,
  };
  const server = createServer((request, response) => {
    forward(request, response, options, proxy).catch((error: unknown) => {
      proxy.complaints.push(`proxy: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return proxy;
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  options: ProxyOptions,
  proxy: CheckingProxy,
): Promise<void> {
  const body = await readAll(request);
  const { model, operation, input } = findOperation(request.url ?? "", options);
  if (options.answersOnly !== true)
    proxy.complaints.push(...checkMessage(model, input, request.headers, body));
  const answer = await send(request, body, options.target);
  response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
  response.on("close", () => answer.destroy());
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    response.write(part);
  }
  proxy.complaints.push(...checkAnswer(model, operation, answer, Buffer.concat(parts), proxy));
  response.end();
}

function findOperation(
  path: string,
  options: ProxyOptions,
): { model: ServiceModel; operation: string; input: string } {
  const model = options.models[path.startsWith("/endpoints/") ? "sagemaker" : "bedrock"];
  const operation = operationNames[path.split("/")[3] ?? ""] ?? "";
  const input = model.operations[operation]?.input.shape;
  if (input === undefined) throw new Error(`No operation at ${path}`);
  return { model, operation, input };
}

function send(request: IncomingMessage, body: Buffer, target: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // The host stays the client's: it is signed.
    const options = { method: request.method, path: request.url, headers: request.headers };
    sendRequest(target, options, resolve).on("error", reject).end(body);
  });
}

function checkAnswer(
  model: ServiceModel,
  operation: string,
  answer: IncomingMessage,
  body: Buffer,
  proxy: CheckingProxy,
): string[] {
  const status = answer.statusCode ?? 0;
  count(proxy, operation, 1);
  if (status !== 200) return checkError(model, operation, status, answer.headers, body);
  const output = model.operations[operation]?.output.shape ?? "";
  const complaints = checkMessage(model, output, answer.headers, body);
  if (answer.headers["content-type"] !== "application/vnd.amazon.eventstream") return complaints;
  const frames = decodeFrames(body);
  count(proxy, `${operation} frames`, frames.length);
  return [...complaints, ...frames.flatMap((frame) => checkFrame(model, operation, frame))];
}

const count = (proxy: CheckingProxy, what: string, more: number): void =>
  void proxy.checked.set(what, (proxy.checked.get(what) ?? 0) + more);

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
