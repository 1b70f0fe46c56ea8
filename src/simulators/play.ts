import type { ServerResponse } from "node:http";

import type { AnswerPlan, PlannedFrame } from "./answer-plan.ts";
import type { CallRecord } from "./calls.ts";
import { spoilChecksum } from "./event-stream.ts";
import { faultFrame, unknownEvent } from "./faults/fault-errors.ts";
import type { Fault } from "./faults/fault.ts";
import { wait } from "./pacing.ts";

/** Where a plan is played: the reply, the call's record, and how the time runs. */
export interface Stage {
  response: ServerResponse;
  record: CallRecord;
  service: string;
  /** Model's milliseconds in one real one. */
  speed: number;
  /** When the request came, by the monotonic clock, in milliseconds. */
  startedAt: number;
  fault: Fault | undefined;
  /** Aborts when the client leaves or the simulator closes. */
  signal: AbortSignal;
}

const defaultSlowMs = 3000;
const defaultStallMs = 600_000;
const defaultTrickleMs = 1000;
const defaultAfterFrames = 3;

/** Sends an answer at the model's pace, with the fault that was drawn for it. */
export async function play(plan: AnswerPlan, stage: Stage): Promise<void> {
  if (stage.fault?.kind === "reset") reset(stage);
  else if (stage.fault?.kind === "empty") await sendNothing(plan, stage);
  else if (plan.type === "whole") await playWhole(plan, stage);
  else await playStream(plan.headers, plan.frames, stage);
}

const slowMs = (stage: Stage): number =>
  stage.fault?.kind === "slow-first-token" ? (stage.fault.delayMs ?? defaultSlowMs) : 0;

/** Waits until a moment of the model's time has come; faults add real milliseconds. */
function waitUntil(atMs: number, stage: Stage): Promise<void> {
  const due = stage.startedAt + slowMs(stage) + atMs / stage.speed;
  return wait(due - performance.now(), stage.signal);
}

function reset({ record, response }: Stage): void {
  record.aborted = true;
  record.finished = true;
  response.socket?.resetAndDestroy();
}

async function sendNothing(plan: AnswerPlan, stage: Stage): Promise<void> {
  begin(plan.headers, stage);
  await finish(stage);
}

function begin(headers: Record<string, string>, stage: Stage): void {
  stage.record.status = 200;
  stage.response.writeHead(200, headers);
}

async function playWhole(
  plan: Extract<AnswerPlan, { type: "whole" }>,
  stage: Stage,
): Promise<void> {
  await waitUntil(plan.atMs, stage);
  if (stage.fault?.kind === "stall")
    await wait(stage.fault.delayMs ?? defaultStallMs, stage.signal);
  begin({ ...plan.headers, "content-length": String(plan.body.length) }, stage);
  if (stage.fault?.kind === "cut") {
    await cutAfter(plan.body.subarray(0, plan.body.length / 2), stage);
    return;
  }
  if (stage.fault?.kind === "trickle") await trickle(plan.body, stage);
  else await write(plan.body, stage);
  stage.record.outputTokensSent += plan.tokens;
  await finish(stage);
}

async function playStream(
  headers: Record<string, string>,
  frames: Iterable<PlannedFrame>,
  stage: Stage,
): Promise<void> {
  const faultAt = faultFrameNumber(stage.fault);
  let begun = false;
  for (const { frame, isLast } of markLast(frames)) {
    await waitUntil(frame.atMs, stage);
    if (!begun) begin(headers, stage);
    begun = true;
    const { framesSent } = stage.record;
    const isFaulty = framesSent === faultAt || (isLast && framesSent < faultAt);
    if (isFaulty && (await meetFault(frame, stage))) return;
    await writeFrame(frame.bytes, stage, isFaulty);
    stage.record.framesSent += 1;
    stage.record.outputTokensSent += frame.tokens;
  }
  await finish(stage);
}

async function writeFrame(bytes: Buffer, stage: Stage, isFaulty: boolean): Promise<void> {
  const kind = isFaulty ? stage.fault?.kind : undefined;
  if (kind === "trickle") await trickle(bytes, stage);
  else await write(kind === "bad-crc" ? spoilChecksum(bytes) : bytes, stage);
}

// A stream that is too short for its fault meets it at its last frame: no ordered fault gets lost.
function* markLast(
  frames: Iterable<PlannedFrame>,
): Generator<{ frame: PlannedFrame; isLast: boolean }> {
  let held: PlannedFrame | undefined;
  for (const frame of frames) {
    if (held !== undefined) yield { frame: held, isLast: false };
    held = frame;
  }
  if (held !== undefined) yield { frame: held, isLast: true };
}

function faultFrameNumber(fault: Fault | undefined): number {
  if (fault === undefined) return -1;
  const first = fault.kind === "exception-frame" || fault.kind === "error-frame";
  return fault.afterFrames ?? (first ? 0 : defaultAfterFrames);
}

/** Acts the fault before this frame; true where nothing may follow. */
async function meetFault(frame: PlannedFrame, stage: Stage): Promise<boolean> {
  switch (stage.fault?.kind) {
    case "stall":
      await wait(stage.fault.delayMs ?? defaultStallMs, stage.signal);
      return false;
    case "cut":
      await cutAfter(frame.bytes.subarray(0, frame.bytes.length / 2), stage);
      return true;
    case "exception-frame":
    case "error-frame":
      await write(faultFrame(stage.fault, stage.service), stage);
      stage.record.framesSent += 1;
      await finish(stage);
      return true;
    case "clean-end":
      await finish(stage);
      return true;
    case "unknown-event":
      await write(unknownEvent(stage.service), stage);
      return false;
    default:
      return false;
  }
}

function write(bytes: Uint8Array, stage: Stage): Promise<void> {
  if (stage.signal.aborted) return Promise.reject(stage.signal.reason as Error);
  stage.record.bytesSent += bytes.length;
  if (stage.response.write(bytes)) return Promise.resolve();
  return drained(stage);
}

/** One byte after the other, each as a packet of its own. */
async function trickle(bytes: Uint8Array, stage: Stage): Promise<void> {
  stage.response.socket?.setNoDelay(true);
  for (let at = 0; at < bytes.length; at += 1) {
    await write(bytes.subarray(at, at + 1), stage);
    await wait(stage.fault?.delayMs ?? defaultTrickleMs, stage.signal);
  }
}

function drained(stage: Stage): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      stage.response.off("drain", onDrain);
      stage.signal.removeEventListener("abort", onAbort);
      act();
    };
    const onDrain = settle(resolve);
    const onAbort = settle(() => reject(stage.signal.reason as Error));
    stage.response.once("drain", onDrain);
    stage.signal.addEventListener("abort", onAbort, { once: true });
  });
}

// The bytes before the cut must have left, or the client would see an empty answer.
async function cutAfter(bytes: Uint8Array, stage: Stage): Promise<void> {
  stage.record.bytesSent += bytes.length;
  await new Promise<void>((resolve) => stage.response.write(bytes, () => resolve()));
  stage.record.aborted = true;
  stage.record.finished = true;
  stage.response.destroy();
}

/** Ends the reply; settled when its last byte has gone to the network or the client has left. */
export function finish(stage: Pick<Stage, "response" | "record" | "signal">): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(stage.signal.reason as Error);
    stage.signal.addEventListener("abort", abandon, { once: true });
    stage.response.end(() => {
      stage.signal.removeEventListener("abort", abandon);
      stage.record.finished = true;
      resolve();
    });
  });
}
