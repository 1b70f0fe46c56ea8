import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { systemClock, type Clock } from "../lib/index.ts";

import { AwsError, errorReply } from "./aws-error.ts";
import { PromptCache } from "./bedrock/prompt-cache.ts";
import { CallLog, type CallRecord } from "./calls.ts";
import { simulatedModels, type SimulatedModel } from "./catalogue.ts";
import { control, controlPrefix } from "./control.ts";
import { dispatch, findTarget, openRecord, type Target, type World } from "./dispatch.ts";
import { FaultBook } from "./faults/fault-book.ts";
import { finish, play } from "./play.ts";
import type { SignedRequest, SimulatorCredentials } from "./signature.ts";

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Everything that looks like chance follows from it; default 1. */
  seed?: number;
  /** 1 (default) is the models' real speed, 20 twenty times quicker, Infinity without waits. */
  speed?: number;
  /** Default: `defaultCredentials`. */
  credentials?: readonly SimulatorCredentials[];
  /** Default: `simulatedModels`. */
  models?: readonly SimulatedModel[];
  clock?: Clock;
  /** Gets one line a call. */
  log?: (line: string) => void;
}

export interface Simulator {
  /** Such as http://127.0.0.1:4000: the endpoint of both services. */
  url: string;
  port: number;
  /** What a client should sign with. */
  credentials: SimulatorCredentials;
  faults: FaultBook;
  /** What was called, oldest first. */
  calls(): CallRecord[];
  /** Stops listening and cuts what is still open; settles within a second or so, and again at once. */
  close(): Promise<void>;
}

/** What a simulator takes where it was told nothing else; it opens nothing in the real world. */
export const defaultCredentials: SimulatorCredentials = {
  accessKeyId: "SIMULATEDACCESSKEY",
  secretAccessKey: "simulated-secret-access-key",
};

interface House {
  world: World;
  speed: number;
  log: (line: string) => void;
  closing: AbortController;
}

const controlLimit = 1_000_000;

/**
 * Starts Bedrock Runtime and SageMaker Runtime on one port.
 *
 * @throws the listening error of node:net, such as EADDRINUSE
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", port = 0, seed = 1, speed = 1, log = () => undefined } = options;
  if (!(speed > 0)) throw new RangeError(`The speed must be above 0, not ${speed}`);
  const credentials = options.credentials ?? [defaultCredentials];
  const [first] = credentials;
  if (first === undefined)
    throw new RangeError("A simulator needs at least one pair of credentials");
  const world: World = {
    models: options.models ?? simulatedModels,
    credentials,
    seed,
    clock: options.clock ?? systemClock,
    faults: new FaultBook(seed),
    calls: new CallLog(),
    cache: new PromptCache(),
    ordinal: 0,
  };
  const house: House = { world, speed, log, closing: new AbortController() };
  const server = createServer(
    { keepAliveTimeout: 60_000 },
    (request, response) => void receive(request, response, house),
  );
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    credentials: first,
    faults: world.faults,
    calls: () => world.calls.list(),
    close: () => close(server, house),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, house: House): Promise<void> {
  house.closing.abort(new Error("The simulator is closing"));
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  house: House,
): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", "http://simulator");
    if (url.pathname.startsWith(controlPrefix)) await receiveControl(request, response, url, house);
    else await receiveCall(request, response, house);
  } catch (fault) {
    // The client left or the simulator closes: there is nobody to tell.
    if (!response.headersSent && !response.destroyed) response.writeHead(500);
    response.destroy(fault instanceof Error ? fault : undefined);
  }
}

async function receiveControl(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  house: House,
): Promise<void> {
  const body = await readBody(request, controlLimit);
  const reply =
    body === undefined
      ? { status: 413, body: { error: "The body is too large." } }
      : control(request.method ?? "", url, body, house.world);
  response
    .writeHead(reply.status, { "content-type": "application/json" })
    .end(`${JSON.stringify(reply.body)}\n`);
}

async function receiveCall(
  request: IncomingMessage,
  response: ServerResponse,
  house: House,
): Promise<void> {
  const startedAt = performance.now();
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const target = findTarget(request.method ?? "", path);
  if (target === undefined) {
    request.resume();
    await refuse(
      new AwsError(
        "UnknownOperationException",
        404,
        "The requested operation is not recognized by the service.",
      ),
      "",
      response,
    );
    return;
  }
  const body = await readBody(request, target.operation.limit);
  const signed: SignedRequest = {
    method: "POST",
    path,
    query,
    headers: request.headers,
    body: body ?? Buffer.alloc(0),
  };
  const record = openRecord(target, signed, house.world);
  response.setHeader("x-amzn-RequestId", record.requestId);
  const signal = AbortSignal.any([house.closing.signal, departure(response, record)]);
  try {
    if (body === undefined)
      throw new AwsError(
        "RequestEntityTooLargeException",
        413,
        `The request body exceeds ${target.operation.limit} bytes.`,
      );
    const { plan, fault } = dispatch(target, signed, record, house.world);
    await play(plan, {
      response,
      record,
      service: target.operation.service,
      speed: house.speed,
      startedAt,
      fault,
      signal,
    });
  } catch (error) {
    await endByError(error, target, record, response, signal);
  }
  house.log(describe(record, performance.now() - startedAt));
}

/** Aborts when the client leaves before the end of its answer, and writes that down. */
function departure(response: ServerResponse, record: CallRecord): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (record.finished) return;
    record.aborted = true;
    record.finished = true;
    controller.abort(new Error("The client left"));
  });
  return controller.signal;
}

async function endByError(
  error: unknown,
  target: Target,
  record: CallRecord,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) {
    response.destroy();
    return;
  }
  // A defect of the simulator itself looks like one of AWS's, and its log line tells.
  const known =
    error instanceof AwsError
      ? error
      : new AwsError("InternalServerException", 500, `The simulator failed: ${String(error)}`);
  record.status = known.status;
  record.error = known.shape;
  if (response.headersSent) response.destroy();
  else await refuse(known, target.operation.service, response, { record, signal });
}

async function refuse(
  error: AwsError,
  service: string,
  response: ServerResponse,
  call?: { record: CallRecord; signal: AbortSignal },
): Promise<void> {
  const { headers, body } = errorReply(error, service);
  response.writeHead(error.status, {
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
  });
  response.write(body);
  if (call === undefined) response.end();
  else await finish({ response, ...call });
}

/** The body, or undefined where it is larger than the limit; what is too much is read and dropped. */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= limit) parts.push(part);
    // A client that goes on for long after that gets no answer at all.
    else if (size > limit * 4) throw new Error("The body has no end");
  }
  return size <= limit ? Buffer.concat(parts) : undefined;
}

function describe(record: CallRecord, ms: number): string {
  const outcome = record.error ?? (record.aborted ? "aborted" : "ok");
  const fault = record.fault === undefined ? "" : ` fault=${record.fault}`;
  return `${record.operation} ${record.requestedModel} ${record.status} ${outcome}${fault} ${Math.round(ms)} ms, ${record.inputTokens} tokens in, ${record.outputTokensSent} out`;
}
