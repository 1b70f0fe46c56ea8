import type { Writable } from "node:stream";
import { visibleText } from "./visible-text.ts";

interface Line {
  level?: string;
  message?: string;
  [key: string]: unknown;
}

const ownKeys = new Set(["level", "message", "ts"]);

/** Turns the log's JSON lines into lines for people: `warn: Refusing a table (reason=DigestMismatch)`. */
export function logLines(output: Writable): { write(line: string): void } {
  return { write: (json) => void output.write(`${visibleText(readable(json))}\n`) };
}

function readable(json: string): string {
  const line = JSON.parse(json) as Line;
  const fields = Object.entries(line)
    .filter(([key]) => !ownKeys.has(key))
    .map(([key, value]) => `${key}=${String(value)}`);
  const more = fields.length === 0 ? "" : ` (${fields.join(", ")})`;
  return `${line.level}: ${line.message}${more}`;
}
