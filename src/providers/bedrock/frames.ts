import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { Frame } from "../../openai/index.ts";
import { drain, leavable } from "../answer-stream.ts";
import type { CallFacts } from "../contract.ts";
import type { Reading } from "./converse-request.ts";
import { StreamReader } from "./stream-frames.ts";
import type { EventStream } from "./transport.ts";

/** One stream's frames, as OpenChat promises them. */
export function openFrames(
  stream: EventStream,
  reading: Reading,
  facts: CallFacts,
): AsyncIterable<Frame> {
  return leavable(readFrames(stream, reading, facts), stream);
}

async function* readFrames(
  stream: EventStream,
  reading: Reading,
  facts: CallFacts,
): AsyncGenerator<Frame> {
  const reader = new StreamReader(reading, facts);
  const events = stream.events[Symbol.asyncIterator]();
  try {
    while (!reader.complete) {
      let event: IteratorResult<ConverseStreamOutput, unknown>;
      try {
        event = await events.next();
      } catch (error) {
        throw reader.broken(error);
      }
      if (event.done === true) break;
      // yield* would put two promises more around each frame, a fifth of what an event costs.
      for (const frame of reader.read(event.value)) yield frame;
    }
    reader.end();
  } finally {
    if (reader.complete) void drain({ events, close: () => stream.close() });
    else stream.close();
  }
}
