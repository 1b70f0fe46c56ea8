import type { IncomingMessage } from "node:http";
import { ApiError } from "../openai/index.ts";
import { ClientGone } from "./client-gone.ts";

/** Told how the body comes in. `failed` or `whole` comes once, unless the reading is stopped before. */
interface Reader {
  /** So many bytes more. */
  took(bytes: number): void;
  /** The body as UTF-8. */
  whole(body: string): void;
  failed(fault: Error): void;
}

/**
 * Reads a request's body to its end or its bound.
 *
 * @returns stops the reading: what still comes in is passed over, and nobody is told
 */
export function readBody(raw: IncomingMessage, mostBytes: number, reader: Reader): () => void {
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  const stop = () => {
    over = true;
    chunks.length = 0;
  };
  const fail = (fault: Error) => {
    if (over) return;
    stop();
    reader.failed(fault);
  };
  raw.on("data", (chunk: Buffer) => {
    if (over) return;
    size += chunk.length;
    if (size > mostBytes) return fail(tooLarge(mostBytes));
    chunks.push(chunk);
    reader.took(chunk.length);
  });
  raw.on("end", () => {
    if (over) return;
    // Node's parser has held the body against its declared length.
    const [only] = chunks;
    const whole = chunks.length === 1 ? only : Buffer.concat(chunks, size);
    stop();
    reader.whole(whole?.toString() ?? "");
  });
  raw.on("error", (error: NodeJS.ErrnoException) =>
    fail(error.code === "ECONNRESET" ? new ClientGone() : error),
  );
  return stop;
}

export function tooLarge(mostBytes: number): ApiError {
  return new ApiError("body_too_large", `The request's body is larger than ${mostBytes} bytes`);
}

export function wrongMediaType(): ApiError {
  return new ApiError(
    "unsupported_media_type",
    'The request\'s content-type must be "application/json"',
  );
}
