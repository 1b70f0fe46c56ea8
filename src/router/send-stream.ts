import { errorEvent, makeChunkEncoder } from "../openai/index.ts";
import { ProviderError } from "../providers/index.ts";
import type { AnsweredRequest } from "./answer-stage.ts";
import { noteFrame } from "./attempt.ts";
import { clientFault } from "./client-fault.ts";
import { ClientGone, ShutDown } from "./client-gone.ts";
import type { ClientWriter } from "./client-writer.ts";
import { asProviderError, closeAttempt } from "./make-attempt.ts";
import type { OpenStream } from "./open-stream.ts";
import type { RouterParts } from "./parts.ts";
import type { Sent } from "./progress.ts";
import { replyIdentity } from "./reply-identity.ts";
import { switchyardHeaders } from "./response-headers.ts";

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
  boundStream(answered, writer, parts);
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

/**
 * Content must keep coming, and the whole must end within the backend's `total` and the route's. Only
 * the former speaks against the backend, and not where the client has kept it waiting.
 */
function boundStream(
  { answer: { scope }, attempt, deadline }: StreamAnswer,
  writer: ClientWriter,
  { clock }: RouterParts,
): void {
  // Its end has come already: nothing of it is waited for.
  if (scope.settled) return;
  const { idleMs, totalMs } = attempt.backend.timeouts;
  const now = clock.elapsed();
  const ownEnd = attempt.startedAt + totalMs;
  const routeEnds = deadline < ownEnd;
  const message = routeEnds
    ? "The route's total timeout passed before the stream's end"
    : `The stream did not end within ${totalMs} ms`;
  scope.boundWhole(Math.min(ownEnd, deadline) - now, () => {
    const says = routeEnds || writer.wasWaitedFor ? { counts: false as const } : {};
    return new ProviderError("timeout", message, says);
  });
  scope.watchdog.arm(
    idleMs,
    () => new ProviderError("stream_broken", `The stream fell silent for ${idleMs} ms`),
  );
}

async function pump(answered: StreamAnswer, writer: ClientWriter): Promise<void> {
  const { asked, answer, attempt } = answered;
  const { scope } = answer;
  const { watchdog } = scope;
  const includeUsage =
    asked.operation === "chat" && asked.request.stream_options?.include_usage === true;
  const encoder = makeChunkEncoder({ ...replyIdentity(answered), includeUsage });
  let opening = "";
  for (const frame of answer.held) opening += encoder.encode(frame);
  const passOn = async (text: string) => {
    const room = writer.write(text);
    if (room === undefined) return;
    watchdog.pause();
    await room;
    watchdog.feed();
  };
  await passOn(opening);
  for (;;) {
    const next = await scope.until(answer.rest.next());
    if (next.done === true) break;
    watchdog.feed();
    noteFrame(attempt, next.value);
    await passOn(encoder.encode(next.value));
  }
  scope.settle();
  if (attempt.finishReason === null) {
    throw new ProviderError("stream_broken", "The stream ended without its terminal frame");
  }
  writer.end(encoder.end(attempt.usage ?? undefined));
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
