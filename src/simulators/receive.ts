import type { IncomingMessage, ServerResponse } from "node:http";

import { AwsError, errorReply } from "./aws-error.ts";
import type { CallRecord } from "./calls.ts";
import { control, controlPrefix } from "./control.ts";
import { dispatch, findTarget, openRecord, type Target, type World } from "./dispatch.ts";
import { finish, play } from "./play.ts";
import type { SignedRequest } from "./canonical-request.ts";

/** A running simulator, as a request sees it. */
export interface House {
  world: World;
  /** Model's milliseconds in one real one. */
  speed: number;
  /** Gets one line a call. */
  log: (line: string) => void;
  closing: AbortController;
}

const controlLimit = 1_000_000;

/** Answers one HTTP request; never rejects. */
export async function receive(
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
