import * as fc from "fast-check";
import type { FilterEntry, FilterSettings } from "../../../src/table/index.ts";

const text = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });
const texts = fc.array(text, { minLength: 1, maxLength: 3 });
const percent = fc.nat({ max: 100 });

const settings: fc.Arbitrary<FilterSettings> = fc.oneof(
  fc.record({ name: text, type: fc.constant("Pii" as const) }),
  fc.record({
    name: text,
    type: fc.constant("Pii" as const),
    pii: fc.record({ entities: fc.subarray(["Email" as const, "Phone" as const]) }),
  }),
  fc.record({
    name: text,
    type: fc.constant("Secrets" as const),
    secrets: fc.record({ ignore: texts }),
  }),
  fc.record({
    name: text,
    type: fc.constant("WordList" as const),
    wordList: fc.record({ words: texts, ignoreCase: fc.boolean(), wholeWords: fc.boolean() }),
  }),
  fc.record({
    name: text,
    type: fc.constant("Topics" as const),
    topics: fc.record({
      denied: fc.array(fc.record({ name: text, examples: texts }), { minLength: 1, maxLength: 2 }),
      thresholdPercent: percent,
    }),
  }),
  fc.record({
    name: text,
    type: fc.constant("Pattern" as const),
    pattern: fc.record({ expression: text, ignoreCase: fc.boolean() }),
  }),
  fc.record({
    name: text,
    type: fc.constant("PromptInjection" as const),
    promptInjection: fc.record({ thresholdPercent: percent }),
  }),
  fc.record({
    name: text,
    type: fc.constant("MaxSize" as const),
    maxSize: fc.record({ characters: fc.integer({ min: 1 }) }),
  }),
  fc.record({
    name: text,
    type: fc.constant("JsonSchema" as const),
    jsonSchema: fc.record({ schema: text }),
  }),
  fc.record({
    name: text,
    type: fc.constant("BedrockGuardrail" as const),
    bedrockGuardrail: fc.record(
      {
        id: text,
        version: text,
        region: text,
        endpoint: text,
        credentials: fc.oneof(
          fc.constant({ type: "Ambient" as const }),
          fc.record({ type: fc.constant("AssumeRole" as const), roleArn: text, externalId: text }),
        ),
        transport: fc.constantFrom("Lean" as const, "Sdk" as const),
        unitPrice: fc.nat(),
      },
      { requiredKeys: ["id", "version", "region", "credentials"] },
    ),
  }),
);

const handling = fc.record(
  {
    stage: fc.constantFrom("Input" as const, "Output" as const, "Both" as const),
    action: fc.constantFrom("Block" as const, "Redact" as const, "Observe" as const),
    reversible: fc.constant(true as const),
    streaming: fc.constantFrom("Window" as const, "Buffer" as const, "Async" as const),
    onFailure: fc.constantFrom("Block" as const, "Allow" as const),
  },
  { requiredKeys: ["stage", "action", "streaming", "onFailure"] },
);

/** Filters of every type, as tables hold them. */
export const arbitraryFilters: fc.Arbitrary<FilterEntry[]> = fc.array(
  fc.tuple(settings, handling).map(([looks, acts]) => ({ ...looks, ...acts })),
  { minLength: 1, maxLength: 4 },
);
