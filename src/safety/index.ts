// What may pass: filters that inspect a text and say which rules it meets and where. Owns the
// detectors of personal data and secrets, lists, topics, users' patterns, the tripwire for prompt
// injection, sizes and the shapes of answers. It is pure: no I/O, no clock, no state between texts. It
// never repeats the text that it found, and knows neither requests nor what a verdict leads to.
export { type Entity, type FilterSettings } from "./filter-settings.ts";
export { type Filter, type Match, type Verdict } from "./filter.ts";
export { makeFilter } from "./make-filter.ts";
