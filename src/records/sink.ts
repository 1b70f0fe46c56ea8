import type { LabelRecord } from "./label-record.ts";
import type { RequestRecord } from "./request-record.ts";
import type { SafetyRecord } from "./safety-record.ts";

/** What routers leave behind; `stream` tells which it is. */
export type KeptRecord = RequestRecord | SafetyRecord | LabelRecord;

/** Where records go. */
export interface RecordSink {
  /** Takes the record at once; never throws, never waits. What cannot be kept is counted and dropped. */
  write(record: KeptRecord): void;
  /** How many records were dropped since the sink was made. */
  dropped(): number;
  /** Resolves when all that was written before is handed to the operating system, or given up; never rejects. */
  flush(): Promise<void>;
  /** Flushes and frees; later writes are dropped. Never rejects. */
  close(): Promise<void>;
}

/** Told of trouble in a sentence, at most once a minute, with the number of records dropped so far. */
export type ReportTrouble = (message: string, dropped: number) => void;
