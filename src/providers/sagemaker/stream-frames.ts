import { StreamOverflowError, type Frame } from "../../openai/index.ts";
import { drain, leavable } from "../answer-stream.ts";
import { asStreamBreak } from "../aws-error.ts";
import type { ChatCall } from "../contract.ts";
import { located } from "../located.ts";
import { ProviderError } from "../provider-error.ts";
import { refuseEmptyReply } from "./empty-reply.ts";
import { malformed, parseJson } from "./fields.ts";
import { makePayloadReader, type PayloadReader } from "./payload-reader.ts";
import type { AnswerReader, Payload } from "./payload.ts";
import type { InvokedStream } from "./transport.ts";

/** One stream's frames, as OpenChat promises them. */
export function streamFrames(
  call: ChatCall,
  payload: Payload,
  stream: InvokedStream,
): AsyncIterable<Frame> {
  const answer: Answer = {
    call,
    stream,
    parts: stream.parts[Symbol.asyncIterator](),
    bytes: makePayloadReader(stream.contentType),
    reader: payload.makeReader(call),
  };
  return leavable(readFrames(answer), { close: () => stream.close() });
}

interface Answer {
  call: ChatCall;
  stream: InvokedStream;
  parts: AsyncIterator<Uint8Array>;
  bytes: PayloadReader;
  reader: AnswerReader;
}

async function* readFrames(answer: Answer): AsyncGenerator<Frame> {
  const { call, stream, parts, reader } = answer;
  let given = false;
  try {
    for await (const frame of readOutput(answer)) {
      // Set before it is given: a failure beside it comes after it.
      given = true;
      yield frame;
    }
    const ending = reader.ending();
    if (ending.length === 0) throw broken();
    if (!given) refuseEmptyReply(call, ending);
    yield* ending;
  } catch (error) {
    const read = error instanceof StreamOverflowError ? malformed(error) : error;
    const failure = located(read, stream.requestId);
    throw given ? asStreamBreak(failure) : failure;
  } finally {
    if (reader.complete) void drain({ events: parts, close: () => stream.close() });
    else stream.close();
  }
}

async function* readOutput({ parts, bytes, reader }: Answer): AsyncGenerator<Frame> {
  while (!reader.complete) {
    const { done, value } = await parts.next();
    if (done === true) return yield* readRest(reader, bytes.end());
    yield* readTexts(reader, bytes.push(value));
  }
}

/** One event at a time: what came before one that cannot be read is still given out. */
function* readTexts(reader: AnswerReader, texts: readonly string[]): Generator<Frame> {
  for (const text of texts) {
    if (text.trim() === "[DONE]") reader.markDone();
    else yield* reader.read(parseJson(text));
  }
}

/** An event that the end cut in two is no malformed one: the stream broke. */
function* readRest(reader: AnswerReader, texts: readonly string[]): Generator<Frame> {
  try {
    yield* readTexts(reader, texts);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== "malformed_reply") throw error;
    throw broken(error);
  }
}

const broken = (cause?: unknown): ProviderError =>
  new ProviderError("stream_broken", "The model's answer broke off", { cause });
