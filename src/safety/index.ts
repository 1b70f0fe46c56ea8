// What may pass: filters that inspect a text and say which rules it meets and where. Owns the
// detectors of personal data and secrets, lists, topics, users' patterns, the tripwire for prompt
// injection, sizes and the shapes of answers; texts that come in pieces, and putting back what was
// redacted. It is pure: no I/O, no clock. A verdict never repeats the text that it is about. The room
// knows neither requests nor what a verdict leads to.
export {
  isRemote,
  type AnyFilter,
  type Filter,
  type Match,
  type RemoteCall,
  type RemoteFilter,
  type RemoteVerdict,
  type Verdict,
} from "./filter.ts";
export { makeFilter } from "./make-filter.ts";
export { placeInRaw, readJsonText, redactJson } from "./json-text.ts";
export { Placeholders, type Restoring } from "./placeholders.ts";
export { redact, type StandIn } from "./redact.ts";
export { TextStream, type Passed, type StreamSettings } from "./text-stream.ts";
