import { LineDecoder, SseDecoder } from "../../openai/index.ts";

/** JSON texts (and `[DONE]`) out of bytes that PayloadParts split anywhere. */
export interface PayloadReader {
  push(bytes: Uint8Array): string[];
  end(): string[];
}

/** @param contentType of the answer: LMI writes JSON lines unless it is asked for server-sent events */
export function makePayloadReader(contentType: string | undefined): PayloadReader {
  return /json/i.test(contentType ?? "") ? readJsonLines() : readEvents();
}

function readEvents(): PayloadReader {
  const decoder = new SseDecoder();
  const texts = (events: readonly { data: string }[]): string[] =>
    events.map((event) => event.data).filter((data) => data.trim() !== "");
  return { push: (bytes) => texts(decoder.push(bytes)), end: () => texts(decoder.end()) };
}

/** Containers that name JSON often write events all the same: the field's name is taken off. */
function readJsonLines(): PayloadReader {
  const decoder = new LineDecoder();
  const texts = (lines: readonly string[]): string[] =>
    lines
      .filter((line) => !line.startsWith(":") && !line.startsWith("event:"))
      .map((line) => line.replace(/^data:/, "").trim())
      .filter((line) => line !== "");
  return { push: (bytes) => texts(decoder.push(bytes)), end: () => texts(decoder.end()) };
}
