import type { Frame } from "../../openai/index.ts";
import { ProviderError } from "../../providers/index.ts";
import { boundStream } from "../bound-stream.ts";
import { ClientGone } from "../client-gone.ts";
import { asProviderError, closeAttempt, type Answered, type Timed } from "../make-attempt.ts";
import { noteFrame } from "../attempt.ts";
import { nextCandidate } from "../next-candidate.ts";
import { carriesContent, type OpenStream } from "../open-stream.ts";
import type { RouterParts } from "../parts.ts";
import { situationOf } from "../situation.ts";
import { FilterBlock } from "./filter-block.ts";
import { letThrough, type StreamGate } from "./let-out.ts";
import { passReply } from "./pass-reply.ts";
import type { Passage } from "./pass-texts.ts";
import { openGate } from "./stream-gate.ts";

type Streaming = Answered & { answer: OpenStream };

/**
 * An attempt's answer past the filters of the output: a whole one altogether, a stream up to the first
 * content that may go out. As long as nothing has, another candidate may answer in its place.
 *
 * @returns undefined where nothing of the answer may go out, or a stream broke before: the attempt says why
 * @throws ClientGone
 */
export async function passAnswer(
  answered: Answered,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { inspection } = timed.routed;
  const { answer, attempt } = answered;
  if (inspection === undefined || answer.kind === "vectors") return answered;
  const passage: Passage = { inspection, stage: "output", backend: attempt.backend.name };
  if (answer.kind === "stream") return passStream({ ...answered, answer }, passage, timed, parts);
  try {
    const reply = await passReply(answer.reply, passage);
    return { attempt, answer: { ...answer, reply } };
  } catch (error) {
    if (!(error instanceof FilterBlock)) throw error;
    attempt.error = blockedError(error);
    return undefined;
  }
}

/** A filter's block of an answer, in the terms of the chain. */
export function blockedError({ message, rules }: FilterBlock): ProviderError {
  return new ProviderError("filter_blocked", message, { rules });
}

async function passStream(
  answered: Streaming,
  passage: Passage,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const gate = openGate(passage);
  if (gate === undefined) return answered;
  const { answer, attempt } = answered;
  boundStream({ ...answered, deadline: timed.deadline }, () => false, parts);
  try {
    const { held, block } = await firstLetOut(answered, gate);
    if (block === undefined) return { attempt, answer: { ...answer, held, gate } };
    const error = blockedError(block);
    if (held.some(carriesContent) && !hasOther(answered, error, timed, parts))
      return { attempt, answer: { ...answer, held, gate, broken: error } };
    attempt.error = error;
  } catch (error) {
    attempt.clientGone = error instanceof ClientGone;
    attempt.cancelled = answer.scope.cancelled;
    if (!attempt.clientGone) attempt.error = asProviderError(error, timed.routed, parts);
    giveUp(answered, timed, parts);
    if (attempt.clientGone) throw error;
    return undefined;
  }
  giveUp(answered, timed, parts);
  return undefined;
}

function giveUp({ answer, attempt }: Streaming, { routed }: Timed, parts: RouterParts): void {
  answer.close();
  closeAttempt(attempt, routed, parts);
}

/** What may go out up to and with the first content, or the stream's end. */
async function firstLetOut(
  { answer, attempt }: Streaming,
  gate: StreamGate,
): Promise<{ held: Frame[]; block?: FilterBlock }> {
  const held: Frame[] = [];
  for (const frame of answer.held) {
    const { frames, block } = await letThrough(gate, frame, answer.scope);
    held.push(...frames);
    if (block !== undefined) return { held, block };
  }
  const { scope, rest } = answer;
  while (!held.some(carriesContent)) {
    const next = await scope.until(rest.next());
    if (next.done === true) {
      if (attempt.finishReason !== null) break;
      throw new ProviderError("stream_broken", "The stream ended without its terminal frame");
    }
    scope.watchdog.feed();
    noteFrame(attempt, next.value);
    const { frames, block } = await letThrough(gate, next.value, scope);
    held.push(...frames);
    if (block !== undefined) return { held, block };
  }
  return { held };
}

/** Whether another candidate stands by where the route lets one answer for a block. */
function hasOther(
  { attempt }: Streaming,
  error: ProviderError,
  { routed }: Timed,
  parts: RouterParts,
): boolean {
  attempt.error = error;
  const next = nextCandidate(routed, situationOf(routed, parts), parts);
  attempt.error = null;
  return next !== undefined && !("denied" in next);
}
