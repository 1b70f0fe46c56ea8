import fc from "fast-check";
import type {
  AttemptObservation,
  RequestObservation,
  SafetyObservation,
} from "../../src/telemetry/index.ts";
import { arbitraryRecord } from "./arbitrary-record.ts";

const text = fc.oneof(
  fc.string({ maxLength: 30, unit: "binary" }),
  fc.constantFrom("", "é", "x".repeat(127), "x".repeat(128), "ü".repeat(300), "名".repeat(6_000)),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
/** Minus zero is left out: the SDK does not send its sign. */
const number = fc.double({ noNaN: true }).map((value) => value + 0);
const port = fc.nat({ max: 65_535 });
const texts = fc.array(text, { maxLength: 4 });

const attempt: fc.Arbitrary<AttemptObservation> = fc.record({
  offset: ms,
  provider: text,
  requestModel: text,
  responseModel: orNull(text),
  responseId: orNull(text),
  finishReasons: orNull(texts),
  streaming: fc.boolean(),
  laterChunks: fc.nat(),
  serverAddress: text,
  serverPort: port,
  region: text,
  guardrailId: orNull(text),
  awsRequestId: orNull(text),
});

const ids = fc.record({
  traceId: fc.string({
    unit: fc.constantFrom(..."0123456789abcdef"),
    minLength: 32,
    maxLength: 32,
  }),
  spanId: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 16, maxLength: 16 }),
});

const safety: fc.Arbitrary<SafetyObservation> = fc.record({
  filter: text,
  type: text,
  owner: fc.constantFrom("tenant", "route"),
  stage: fc.constantFrom("input", "output"),
  action: fc.constantFrom("allow", "observe", "redact", "block"),
  failure: orNull(fc.constantFrom("failed" as const, "late" as const)),
  rules: texts,
  offset: ms,
  duration: ms,
});

/** Any request that has ended, with texts of any length and script. */
export const arbitraryObservation: fc.Arbitrary<RequestObservation> = fc
  .record({
    record: arbitraryRecord,
    startedAt: fc.double({ min: 1.7e12, max: 2e12, noNaN: true }),
    http: fc.record({
      method: fc.constantFrom("POST", "BREW"),
      route: orNull(text),
      path: text,
      scheme: fc.constantFrom("http", "https" as const),
      protocolVersion: text,
      serverAddress: text,
      serverPort: port,
      traceparent: fc.constant(null),
      tracestate: fc.constant(null),
    }),
    routing: orNull(
      fc.record({
        offset: ms,
        duration: ms,
        candidates: texts,
        chosen: orNull(text),
        reason: orNull(text),
      }),
    ),
    objectives: orNull(fc.record({ totalP95Ms: fc.nat() })),
    parameters: orNull(
      fc.record({
        maxTokens: orNull(fc.maxSafeNat()),
        temperature: orNull(number),
        topP: orNull(number),
      }),
    ),
    attempts: fc.array(attempt, { minLength: 3, maxLength: 3 }),
    safety: fc.array(safety, { maxLength: 3 }),
    original: orNull(ids),
  })
  .map((observation) => ({
    ...observation,
    attempts: observation.attempts.slice(0, observation.record.attempts.length),
  }));
