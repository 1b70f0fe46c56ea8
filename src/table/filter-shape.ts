import { z } from "zod";
import { credentials } from "./credentials-shape.ts";
import type { FilterEntry } from "./filter-entry.ts";

const whole = z.int().positive();
const text = z.string().min(1);
const percent = z.int().min(0).max(100);

const handling = {
  name: text,
  stage: z.enum(["Input", "Output", "Both"]),
  action: z.enum(["Block", "Redact", "Observe"]),
  reversible: z.literal(true).exactOptional(),
  streaming: z.enum(["Window", "Buffer", "Async"]),
  onFailure: z.enum(["Block", "Allow"]),
};

const entities = z.array(
  z.enum(["Email", "Phone", "CreditCard", "Iban", "IpAddress", "NationalId", "BirthDate"]),
);

export const filterShape = z.discriminatedUnion("type", [
  z.strictObject({
    ...handling,
    type: z.literal("Pii"),
    pii: z
      .strictObject({ entities: entities.exactOptional(), ignore: z.array(text).exactOptional() })
      .exactOptional(),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("Secrets"),
    secrets: z.strictObject({ ignore: z.array(text).exactOptional() }).exactOptional(),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("WordList"),
    wordList: z.strictObject({
      words: z.array(text).min(1),
      ignoreCase: z.boolean(),
      wholeWords: z.boolean(),
    }),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("Topics"),
    topics: z.strictObject({
      denied: z.array(z.strictObject({ name: text, examples: z.array(text).min(1) })).min(1),
      thresholdPercent: percent,
    }),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("Pattern"),
    pattern: z.strictObject({ expression: text, ignoreCase: z.boolean() }),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("PromptInjection"),
    promptInjection: z.strictObject({ thresholdPercent: percent }).exactOptional(),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("MaxSize"),
    maxSize: z.strictObject({ characters: whole }),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("JsonSchema"),
    jsonSchema: z.strictObject({ schema: text }),
  }),
  z.strictObject({
    ...handling,
    type: z.literal("BedrockGuardrail"),
    bedrockGuardrail: z.strictObject({
      id: text,
      version: text,
      region: text,
      endpoint: text.exactOptional(),
      credentials,
      transport: z.enum(["Lean", "Sdk"]).exactOptional(),
      unitPrice: z.int().nonnegative().exactOptional(),
    }),
  }),
]) satisfies z.ZodType<FilterEntry>;
