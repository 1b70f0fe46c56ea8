import { pipeline, type Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";

/** In characters; no record comes near it. */
const longestLine = 1024 * 1024;

export const tooLong = Symbol("too long");

export type Line = string | typeof tooLong;

/**
 * Split at line feeds only: readline would also split at U+2028, which JSON texts may hold. A line that does
 * not end, of a file of another kind say, is not kept.
 */
export async function* linesOf(input: Readable): AsyncGenerator<Line, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let dropped = false;
  try {
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        yield dropped || line.length > longestLine ? tooLong : line;
        dropped = false;
      }
      if (rest.length <= longestLine) continue;
      rest = "";
      dropped = true;
    }
    rest += decoder.decode();
    if (dropped) yield tooLong;
    else if (rest !== "") yield rest;
  } finally {
    input.destroy();
  }
}

/** What others have written, a log agent say, may lie there uncompressed. */
export function inflate(source: Readable, path: string): Readable {
  if (!path.endsWith(".gz")) return source;
  // A sync flush at the end gives what a cut member still holds; a full one would refuse it.
  const inflated = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  return pipeline(source, inflated, () => {});
}
