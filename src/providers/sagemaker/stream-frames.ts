import { StreamOverflowError, type Frame } from "../../openai/index.ts";
import { asStreamBreak } from "../aws-error.ts";
import type { ChatCall } from "../contract.ts";
import { ProviderError } from "../provider-error.ts";
import { refuseEmptyReply } from "./empty-reply.ts";
import { malformed, parseJson } from "./fields.ts";
import { makePayloadReader } from "./payload-reader.ts";
import type { AnswerReader, Payload } from "./payload.ts";
import type { InvokedStream } from "./transport.ts";

/** The frames of a stream, the terminal one last but for its usage. */
export async function* streamFrames(
  call: ChatCall,
  payload: Payload,
  stream: InvokedStream,
): AsyncGenerator<Frame> {
  let given = false;
  try {
    for await (const frame of readFrames(call, payload, stream)) {
      yield frame;
      given = true;
    }
  } catch (error) {
    const failure = located(error, stream.requestId);
    throw given ? asStreamBreak(failure) : failure;
  } finally {
    stream.close();
  }
}

async function* readFrames(
  call: ChatCall,
  payload: Payload,
  stream: InvokedStream,
): AsyncGenerator<Frame> {
  const bytes = makePayloadReader(stream.contentType);
  const reader = payload.makeReader(call);
  let output = false;
  for await (const part of stream.parts) {
    for (const frame of readTexts(reader, bytes.push(part))) {
      output = true;
      yield frame;
    }
  }
  for (const frame of readRest(reader, bytes.end())) {
    output = true;
    yield frame;
  }
  const ending = reader.ending();
  if (ending.length === 0) throw new ProviderError("stream_broken", "The model's answer broke off");
  if (!output) refuseEmptyReply(call, ending);
  yield* ending;
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
    throw new ProviderError("stream_broken", "The model's answer broke off", { cause: error });
  }
}

/** Puts AWS's request id on failures that were found in the answer itself. */
function located(error: unknown, requestId: string | undefined): unknown {
  const failure = error instanceof StreamOverflowError ? malformed(error) : error;
  if (!(failure instanceof ProviderError) || failure.details.requestId !== undefined)
    return failure;
  return new ProviderError(failure.code, failure.message, { ...failure.details, requestId });
}
