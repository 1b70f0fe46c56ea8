import type { Random } from "../../lib/index.ts";

import type { PlannedFrame } from "../answer-plan.ts";
import { bytesFrame } from "../event-stream.ts";

/** What a container writes at one moment. */
export interface ContainerChunk {
  text: string;
  tokens: number;
  atMs: number;
}

/** What the model's container answers over HTTP, before SageMaker passes it on. */
export interface ContainerReply {
  contentType: string;
  /** The body as the container writes it, one chunk or many. */
  chunks: Iterable<ContainerChunk>;
  /** When the last of it is written, and the tokens of all. */
  atMs: number;
  tokens: number;
}

/**
 * PayloadPart frames of what the container wrote. SageMaker cuts where its buffers end, not where
 * lines or characters do: here, half of the chunks are cut somewhere, inside a character where they
 * hold one of several bytes, and the rest of one travels with the beginning of the next.
 */
export function* payloadParts(
  chunks: Iterable<ContainerChunk>,
  random: Random,
): Generator<PlannedFrame> {
  let held: Buffer = Buffer.alloc(0);
  let last = 0;
  for (const chunk of chunks) {
    const fresh = Buffer.from(chunk.text);
    const cut = random() < 0.5 ? fresh.length : cutPoint(fresh, random);
    const bytes = Buffer.concat([held, fresh.subarray(0, cut)]);
    held = fresh.subarray(cut);
    last = chunk.atMs;
    const frame = bytesFrame("PayloadPart", bytes);
    if (bytes.length > 0) yield { bytes: frame, tokens: chunk.tokens, atMs: chunk.atMs };
  }
  if (held.length > 0) yield { bytes: bytesFrame("PayloadPart", held), tokens: 0, atMs: last };
}

function cutPoint(bytes: Buffer, random: Random): number {
  const insideCharacter = bytes.findIndex((byte) => byte >= 0x80 && byte < 0xc0);
  return insideCharacter < 0 ? Math.floor(random() * bytes.length) : insideCharacter;
}
