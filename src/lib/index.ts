// The ground floor: small pure things that any room may use. Owns results, time as a dependency,
// backoff, coded errors, durations, canonical JSON, seeded randomness, random ids, long work in slices, markup that escapes what is put in, and
// which addresses nobody may be sent to. It imports no room, reads no environment, and knows nothing of models, routes or HTTP.
export { backoffDelay, type BackoffBounds } from "./backoff.ts";
export { canonicalJson, canonicalText, type Json } from "./canonical-json.ts";
export { systemClock, type Clock } from "./clock.ts";
export { collectYoung } from "./collect-young.ts";
export { CodedError } from "./coded-error.ts";
export { durationMs } from "./duration.ts";
export { guardedLookup } from "./guarded-lookup.ts";
export { hashText, seededRandom, type Random } from "./random.ts";
export { randomHex } from "./random-hex.ts";
export { markup, Markup, type Piece } from "./markup.ts";
export { err, ok, type Result } from "./result.ts";
export { atOnce, inSlices, type Steps } from "./slices.ts";
export { storeUrlProblem } from "./store-url.ts";
export { specialAddress, type SpecialAddress } from "./special-address.ts";
