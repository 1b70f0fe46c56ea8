import type { KeptRecord } from "./sink.ts";

let lastRecord: KeptRecord | undefined;
let lastLine = "";

/**
 * The record as one line of JSON, without its line feed. The last one is remembered: where several
 * sinks write the same record one after the other, it is still serialised once.
 */
export function recordLine(record: KeptRecord): string {
  if (record !== lastRecord) {
    lastLine = JSON.stringify(record);
    lastRecord = record;
  }
  return lastLine;
}
