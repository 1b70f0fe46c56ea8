import { randomUUID } from "node:crypto";

import { hashText, seededRandom, type Clock, type Random } from "../lib/index.ts";

import type { AnswerPlan } from "./answer-plan.ts";
import { AwsError, validationError } from "./aws-error.ts";
import type { PromptCache } from "./bedrock/prompt-cache.ts";
import type { CallLog, CallRecord } from "./calls.ts";
import type { SignedRequest } from "./canonical-request.ts";
import { findModel, type SimulatedModel } from "./catalogue.ts";
import type { FaultBook } from "./faults/fault-book.ts";
import { faultError } from "./faults/fault-errors.ts";
import type { Fault } from "./faults/fault.ts";
import type { HandledCall, OpenedCall } from "./handled-call.ts";
import type { Answer } from "./mind/prompt.ts";
import { operations, type Operation } from "./operations.ts";
import { paceOf } from "./pacing.ts";
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

export interface Target {
  operation: Operation;
  /** What the path names, decoded: a model id, an ARN or an endpoint; a guardrail and its version. */
  names: readonly [name: string, ...more: string[]];
}

/** The operation that a path names; undefined where AWS has none there. */
export function findTarget(method: string, path: string): Target | undefined {
  const parts = path.split("/").slice(1);
  // Every second part is a name.
  const named = parts.filter((_part, index) => index % 2 === 1);
  const form = parts.map((part, index) => (index % 2 === 1 ? "*" : part)).join("/");
  const operation = operations.get(form);
  if (method !== "POST" || operation === undefined || named.includes("")) return undefined;
  try {
    const [name = "", ...more] = named.map((part) => decodeURIComponent(part));
    return { operation, names: [name, ...more] };
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
    model: modelOf(target, world)?.id ?? "",
    requestedModel: target.names[0],
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

const modelOf = ({ operation, names: [name] }: Target, { models }: World) =>
  operation.of === "model" ? findModel(models, operation.service, name) : undefined;

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
  const { operation, names } = target;
  const rules = {
    service: operation.service,
    credentials: world.credentials,
    now: world.clock.now(),
  };
  record.accessKeyId = verifySignature(request, rules).accessKeyId;
  const known = [names[0], record.model].filter(Boolean);
  const fault = world.faults.draw({
    names: known,
    stream: operation.streaming,
    chat: operation.chat,
  });
  if (fault !== undefined) record.fault = fault.kind;
  const error = fault === undefined ? undefined : faultError(fault, operation.service);
  if (error !== undefined) {
    noteMetadata(request.body, record);
    throw error;
  }
  const opened = openedCall(names, request, record, world);
  if (operation.of === "guardrail") return { plan: operation.handle(opened), fault };
  const model = modelOf(target, world);
  if (model === undefined) throw unknownModel(operation.service, names[0]);
  return { plan: operation.handle(handledCall(model, opened, fault, world), world), fault };
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

function openedCall(
  names: Target["names"],
  request: SignedRequest,
  record: CallRecord,
  { seed, ordinal, clock }: World,
): OpenedCall {
  return {
    names,
    body: Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength),
    headers: request.headers,
    record,
    seed,
    now: clock.now(),
    random: seededRandom(hashText(`${seed}|call|${ordinal}`)),
  };
}

function handledCall(
  model: SimulatedModel,
  opened: OpenedCall,
  fault: Fault | undefined,
  { seed, ordinal }: World,
): HandledCall {
  return {
    ...opened,
    model: dulled(model, fault),
    newToolUseId: () => newToolUseId(opened.random),
    pace: (inputTokens) => paceOf(model, seed, ordinal, inputTokens),
    bend: (answer) => bendAnswer(answer, fault),
  };
}

const defaultSkillDrop = 30;

/** The lots stay the same, so that all it gets right now it got right before. */
function dulled(model: SimulatedModel, fault: Fault | undefined): SimulatedModel {
  if (fault?.kind !== "less-skill") return model;
  return { ...model, skill: model.skill - (fault.skillDrop ?? defaultSkillDrop) / 100 };
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
