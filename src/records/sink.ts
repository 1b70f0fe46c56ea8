import type { RequestRecord } from "./request-record.ts";

/** Where records go. */
export interface RecordSink {
  /** Takes the record at once; never throws, never waits. What cannot be kept is counted and dropped. */
  write(record: RequestRecord): void;
  /** Resolves when all that was written before is handed to the operating system, or given up. */
  flush(): Promise<void>;
  /** Flushes and frees; later writes are dropped. */
  close(): Promise<void>;
}
