// The records that requests leave behind. Owns the record's shape, the sinks that write it and the
// reader that reads it back. It knows no HTTP, no provider and no telemetry backend.
export {
  requestRecordSchema,
  type AttemptRecord,
  type CandidateEstimate,
  type LedgerLine,
  type RequestRecord,
  type TokenCounts,
} from "./request-record.ts";
export {
  costKeys,
  CostSums,
  TooManyGroups,
  type CostGroup,
  type CostKey,
  type CostSum,
} from "./cost-sums.ts";
export { directorySink, type DirectorySinkOptions } from "./directory-sink.ts";
export {
  readRecords,
  recordedDays,
  type BrokenLine,
  type ReadRecordsOptions,
} from "./read-records.ts";
export type { RecordSink, ReportTrouble } from "./sink.ts";
export { stdoutSink, type StdoutSinkOptions } from "./stdout-sink.ts";
export { teeSink } from "./tee-sink.ts";
export { decimalUsd, picoFromUsd, usdFromPico } from "./usd.ts";
