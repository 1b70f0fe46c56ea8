import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { Frame } from "../../openai/index.ts";
import type { CallFacts } from "../contract.ts";
import type { Reading } from "./converse-request.ts";
import { StreamReader } from "./stream-frames.ts";
import type { EventStream } from "./transport.ts";

/** How long the end of a complete answer is waited for, to keep its connection for the next. */
const drainMs = 1000;

/** One stream's frames, as OpenChat promises them. */
export function openFrames(
  stream: EventStream,
  reading: Reading,
  facts: CallFacts,
): AsyncIterable<Frame> {
  const frames = readFrames(stream, reading, facts);
  const iterator: AsyncIterator<Frame> = {
    next: async () => frames.next(),
    // A generator's own would wait for the event under way, which may never come, and does nothing
    // where reading has not begun.
    return: async () => {
      stream.close();
      await frames.return(undefined).catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* readFrames(
  stream: EventStream,
  reading: Reading,
  facts: CallFacts,
): AsyncGenerator<Frame> {
  const reader = new StreamReader(reading, facts);
  const events = stream.events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const event = await nextEvent(events, reader);
      if (event === undefined) break;
      yield* reader.read(event);
      if (reader.complete) break;
    }
    reader.end();
  } finally {
    if (reader.complete) void drain(events, stream);
    else stream.close();
  }
}

async function nextEvent(
  events: AsyncIterator<ConverseStreamOutput>,
  reader: StreamReader,
): Promise<ConverseStreamOutput | undefined> {
  try {
    const { done, value } = await events.next();
    return done === true ? undefined : value;
  } catch (error) {
    throw reader.broken(error);
  }
}

/** The answer is complete: what follows, be it an error, is nobody's, and not waited for long. */
async function drain(
  events: AsyncIterator<ConverseStreamOutput>,
  stream: EventStream,
): Promise<void> {
  const timer = setTimeout(() => stream.close(), drainMs).unref();
  try {
    while ((await events.next()).done !== true);
  } catch {
    // See above.
  } finally {
    clearTimeout(timer);
    stream.close();
  }
}
