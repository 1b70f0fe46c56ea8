// The records that requests leave behind. Owns the record's shape, the sinks that write it and the
// reader that reads it back. It knows no HTTP, no provider and no telemetry backend.
export {
  requestRecordSchema,
  type AttemptRecord,
  type CandidateEstimate,
  type RequestRecord,
  type TokenCounts,
} from "./request-record.ts";
export type { RecordSink } from "./sink.ts";
export { usdFromMicro, usdFromPico } from "./usd.ts";
