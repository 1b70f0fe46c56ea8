import { errorEvent, makeChunkEncoder, type ChunkEncoder, type Frame } from "../openai/index.ts";
import { ProviderError } from "../providers/index.ts";
import type { AnsweredRequest } from "./answer-stage.ts";
import { noteFrame } from "./attempt.ts";
import { boundStream } from "./bound-stream.ts";
import { clientFault } from "./client-fault.ts";
import { ClientGone, ShutDown } from "./client-gone.ts";
import type { ClientWriter } from "./client-writer.ts";
import { asProviderError, closeAttempt } from "./make-attempt.ts";
import type { OpenStream } from "./open-stream.ts";
import type { RouterParts } from "./parts.ts";
import type { Sent } from "./progress.ts";
import { replyIdentity } from "./reply-identity.ts";
import { switchyardHeaders } from "./response-headers.ts";
import { letThrough } from "./safety/let-out.ts";
import { blockedError } from "./safety/pass-answer.ts";

type StreamAnswer = AnsweredRequest & { answer: OpenStream };

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // nginx and its kin would hold the stream back otherwise.
  "x-accel-buffering": "no",
};

/**
 * Sends a stream to its end. From its first byte on there is no other candidate: where it breaks,
 * the client gets an error event and no `[DONE]`, and the record says how far it came.
 */
export async function sendStream(
  answered: StreamAnswer,
  writer: ClientWriter,
  parts: RouterParts,
): Promise<Sent> {
  const { attempt } = answered;
  const sent: Sent = {
    status: 200,
    bytesOut: 0,
    firstContentAt: parts.clock.elapsed(),
    errorCode: null,
  };
  boundStream(answered, () => writer.wasWaitedFor, parts);
  try {
    writer.begin(200, { ...switchyardHeaders(answered), ...streamHeaders });
    await pump(answered, writer);
  } catch (error) {
    sent.errorCode = endBroken(error, answered, writer, parts);
  } finally {
    answered.answer.close();
    closeAttempt(attempt, answered, parts);
  }
  sent.bytesOut = writer.bytesOut;
  return sent;
}

async function pump(answered: StreamAnswer, writer: ClientWriter): Promise<void> {
  const { asked, answer, attempt } = answered;
  const { scope, gate } = answer;
  const { watchdog } = scope;
  const includeUsage =
    asked.operation === "chat" && asked.request.stream_options?.include_usage === true;
  const encoder = makeChunkEncoder({ ...replyIdentity(answered), includeUsage });
  const passOn = async (text: string) => {
    const room = writer.write(text);
    if (room === undefined) return;
    watchdog.pause();
    await room;
    watchdog.feed();
  };
  await passOn(encodeAll(answer.held, encoder));
  if (answer.broken !== undefined) throw answer.broken;
  for (;;) {
    const next = await scope.until(answer.rest.next());
    if (next.done === true) break;
    watchdog.feed();
    noteFrame(attempt, next.value);
    if (gate === undefined) {
      await passOn(encoder.encode(next.value));
      continue;
    }
    const { frames, block } = await letThrough(gate, next.value, scope);
    await passOn(encodeAll(frames, encoder));
    if (block !== undefined) throw blockedError(block);
  }
  scope.settle();
  if (attempt.finishReason === null) {
    throw new ProviderError("stream_broken", "The stream ended without its terminal frame");
  }
  writer.end(encoder.end(attempt.usage ?? undefined));
}

function encodeAll(frames: readonly Frame[], encoder: ChunkEncoder): string {
  let text = "";
  for (const frame of frames) text += encoder.encode(frame);
  return text;
}

/** @returns the code that the client was told; null where the client is not there to be told */
function endBroken(
  error: unknown,
  answered: StreamAnswer,
  writer: ClientWriter,
  parts: RouterParts,
): string | null {
  const { attempt } = answered;
  if (error instanceof ClientGone) {
    attempt.clientGone = true;
    if (!(error instanceof ShutDown)) return null;
    const { facts } = clientFault(error);
    writer.end(errorEvent(facts));
    return facts.code;
  }
  attempt.error = asProviderError(error, answered, parts);
  const { facts } = clientFault(attempt.error, answered.attempts);
  writer.end(errorEvent(facts));
  return facts.code;
}
