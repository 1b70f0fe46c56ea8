import { randomUUID } from "node:crypto";

import { hashText, seededRandom, type Clock, type Random } from "../lib/index.ts";

import type { AnswerPlan } from "./answer-plan.ts";
import { AwsError, validationError } from "./aws-error.ts";
import { converse } from "./bedrock/converse.ts";
import { countTokensOperation } from "./bedrock/count-tokens.ts";
import { invokeEmbeddings } from "./bedrock/embeddings.ts";
import type { PromptCache } from "./bedrock/prompt-cache.ts";
import type { CallLog, CallRecord } from "./calls.ts";
import type { SignedRequest } from "./canonical-request.ts";
import { findModel, type SimulatedModel } from "./catalogue.ts";
import type { FaultBook } from "./faults/fault-book.ts";
import { faultError } from "./faults/fault-errors.ts";
import type { Fault } from "./faults/fault.ts";
import type { HandledCall } from "./handled-call.ts";
import type { Answer } from "./mind/prompt.ts";
import { paceOf } from "./pacing.ts";
import { invokeEndpoint } from "./sagemaker/endpoint.ts";
import { verifySignature, type SimulatorCredentials } from "./signature.ts";

export interface World {
  models: readonly SimulatedModel[];
  credentials: readonly SimulatorCredentials[];
  seed: number;
  clock: Clock;
  faults: FaultBook;
  calls: CallLog;
  cache: PromptCache;
  /** Calls received so far. */
  ordinal: number;
}

interface Operation {
  name: string;
  service: "bedrock" | "sagemaker";
  streaming: boolean;
  /** Whether a chat model answers with words of its own. */
  chat: boolean;
  /** The largest body in bytes. */
  limit: number;
  handle(call: HandledCall, world: World): AnswerPlan;
}

const bedrockLimit = 25_000_000;
const sagemakerLimit = 6_291_456;

const bedrock = { service: "bedrock", limit: bedrockLimit } as const;
const sagemaker = { service: "sagemaker", limit: sagemakerLimit, chat: true } as const;

const operations: Record<string, Operation> = {
  "model/converse": {
    ...bedrock,
    name: "Converse",
    streaming: false,
    chat: true,
    handle: (call, world) => converse(call, world.cache, false),
  },
  "model/converse-stream": {
    ...bedrock,
    name: "ConverseStream",
    streaming: true,
    chat: true,
    handle: (call, world) => converse(call, world.cache, true),
  },
  "model/invoke": {
    ...bedrock,
    name: "InvokeModel",
    streaming: false,
    chat: false,
    handle: (call) => invokeEmbeddings(call),
  },
  "model/count-tokens": {
    ...bedrock,
    name: "CountTokens",
    streaming: false,
    chat: false,
    handle: (call) => countTokensOperation(call),
  },
  "endpoints/invocations": {
    ...sagemaker,
    name: "InvokeEndpoint",
    streaming: false,
    handle: (call) => invokeEndpoint(call, false),
  },
  "endpoints/invocations-response-stream": {
    ...sagemaker,
    name: "InvokeEndpointWithResponseStream",
    streaming: true,
    handle: (call) => invokeEndpoint(call, true),
  },
};

export interface Target {
  operation: Operation;
  /** The model id, ARN or endpoint name, decoded. */
  name: string;
}

/** The operation that a path names; undefined where AWS has none there. */
export function findTarget(method: string, path: string): Target | undefined {
  const parts = path.split("/");
  const operation = operations[`${parts[1]}/${parts[3]}`];
  if (method !== "POST" || parts.length !== 4 || operation === undefined || !parts[2])
    return undefined;
  try {
    return { operation, name: decodeURIComponent(parts[2]) };
  } catch {
    return undefined;
  }
}

/** An answer to play, and the fault that it is to be played with. */
export interface Dispatched {
  plan: AnswerPlan;
  fault: Fault | undefined;
}

export function openRecord(target: Target, request: SignedRequest, world: World): CallRecord {
  world.ordinal += 1;
  return world.calls.open({
    requestId: randomUUID(),
    time: world.clock.now(),
    model: findModel(world.models, target.operation.service, target.name)?.id ?? "",
    requestedModel: target.name,
    operation: target.operation.name,
    amznHeaders: amznHeaders(request),
    status: 0,
    aborted: false,
    finished: false,
    bytesSent: 0,
    framesSent: 0,
    inputTokens: 0,
    outputTokensSent: 0,
  });
}

function amznHeaders(request: SignedRequest): Record<string, string> {
  const named = Object.entries(request.headers).filter(([name]) => name.startsWith("x-amzn-"));
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
}

/**
 * From a request to a plan, in the order of AWS: the signature, faults, the model, then the body.
 *
 * @throws AwsError with what AWS answers instead
 */
export function dispatch(
  target: Target,
  request: SignedRequest,
  record: CallRecord,
  world: World,
): Dispatched {
  const { operation, name } = target;
  const rules = {
    service: operation.service,
    credentials: world.credentials,
    now: world.clock.now(),
  };
  record.accessKeyId = verifySignature(request, rules).accessKeyId;
  const names = [name, record.model].filter(Boolean);
  const fault = world.faults.draw({ names, stream: operation.streaming, chat: operation.chat });
  if (fault !== undefined) record.fault = fault.kind;
  const error = fault === undefined ? undefined : faultError(fault, operation.service);
  if (error !== undefined) {
    noteMetadata(request.body, record);
    throw error;
  }
  const model = findModel(world.models, operation.service, name);
  if (model === undefined) throw unknownModel(operation.service, name);
  return {
    plan: operation.handle(handledCall(model, request, record, fault, world), world),
    fault,
  };
}

/** Of a call that is refused unread, whoever looks at the log still wants to know whose it was. */
function noteMetadata(body: Uint8Array, record: CallRecord): void {
  try {
    const { requestMetadata } = JSON.parse(Buffer.from(body).toString()) as Partial<CallRecord>;
    if (requestMetadata !== undefined) record.requestMetadata = requestMetadata;
  } catch {
    // A body that is no JSON names nobody.
  }
}

function unknownModel(service: string, name: string): AwsError {
  if (service === "bedrock") return validationError("The provided model identifier is invalid.");
  return new AwsError(
    "ValidationError",
    400,
    `Endpoint ${name} of account 123456789012 not found.`,
  );
}

function handledCall(
  model: SimulatedModel,
  request: SignedRequest,
  record: CallRecord,
  fault: Fault | undefined,
  world: World,
): HandledCall {
  const { seed, ordinal } = world;
  const random = seededRandom(hashText(`${seed}|call|${ordinal}`));
  return {
    model,
    body: Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength),
    headers: request.headers,
    record,
    seed,
    now: world.clock.now(),
    random,
    newToolUseId: () => newToolUseId(random),
    pace: (inputTokens) => paceOf(model, seed, ordinal, inputTokens),
    bend: (answer) => bendAnswer(answer, fault),
  };
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const newToolUseId = (random: Random): string =>
  `tooluse_${Array.from({ length: 22 }, () => idLetters[Math.floor(random() * idLetters.length)]).join("")}`;

function bendAnswer(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind === "empty-content") return { ...answer, blocks: [], outputTokens: 0 };
  if (fault?.kind === "stop-reason")
    return { ...answer, stopReason: fault.stopReason ?? "content_filtered" };
  return answer;
}
