// The records that requests and safety filters leave behind, and the labels that say how good answers were. Owns their
// shapes, the sinks that write them and the reader that reads them back. It knows no HTTP, no provider and no telemetry backend.
export { type PlanFacts } from "./plan-facts.ts";
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
export {
  labelRecordSchema,
  type LabelCheck,
  type LabelRecord,
  type LabelSource,
} from "./label-record.ts";
export { safetyRecordSchema, type SafetyRecord } from "./safety-record.ts";
export type {
  EvidenceLabel,
  EvidenceOption,
  EvidenceRange,
  EvidenceRow,
  EvidenceSource,
  EvidenceTally,
} from "./evidence.ts";
export { pruneRecords, recordStreams } from "./prune.ts";
export { firstRecordedHour, recordedDays } from "./find-files.ts";
export { folderStore } from "./folder-store.ts";
export { MissingFile, type RecordStore } from "./record-store.ts";
export { emptyTally } from "./evidence.ts";
export { duckdbEvidence, type DuckdbOptions } from "./duckdb-evidence.ts";
export { plainEvidence, TooManyLabels, type PlainOptions } from "./plain-evidence.ts";
export { directorySink, type DirectorySinkOptions } from "./directory-sink.ts";
export {
  openRequestFiles,
  readLabels,
  readRecordLines,
  readRecords,
  readSafetyRecords,
  type BrokenLine,
  type ReadRecordsOptions,
  type RecordFile,
} from "./read-records.ts";
export type { KeptRecord, RecordSink, ReportTrouble } from "./sink.ts";
export { parseS3Url, type S3Location } from "./s3-location.ts";
export { s3Sink, type S3SinkOptions } from "./s3-sink.ts";
export { s3Store, type ObjectStore } from "./s3-store.ts";
export { stdoutSink, type StdoutSinkOptions } from "./stdout-sink.ts";
export { teeSink } from "./tee-sink.ts";
export { decimalUsd, picoFromUsd, usdFromPico } from "./usd.ts";
