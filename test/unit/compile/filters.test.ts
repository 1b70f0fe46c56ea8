import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readFilters } from "../../../src/api/index.ts";
import { filterEntry } from "../../../src/compile/filters.ts";

/** The first filter of a YAML list, in the table's terms. */
function entryOf(yaml: string) {
  const read = readFilters(yaml, "filters.yaml");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return filterEntry(read.value[0]!, "shop");
}

const longWords = Array.from({ length: 200 }, (_, index) => `"${"w".repeat(100)}${index}"`).join();

describe("a filter in the table's terms", () => {
  test.each([
    [
      "- { name: pii, type: Pii }",
      "{ name: pii, type: Pii, stage: Both, action: Block, streaming: Window, onFailure: Block }",
    ],
    [
      "- { name: a, type: Pii, action: Redact, reversible: true, pii: { entities: [Email] } }",
      "{ name: a, type: Pii, pii: { entities: [Email] }, stage: Both, action: Redact, reversible: true, streaming: Window, onFailure: Block }",
    ],
    [
      "- { name: a, type: JsonSchema, stage: Output, streaming: Buffer, onFailure: Allow, jsonSchema: { schema: '{}' } }",
      "{ name: a, type: JsonSchema, jsonSchema: { schema: '{}' }, stage: Output, action: Block, streaming: Buffer, onFailure: Allow }",
    ],
    [
      "- { name: a, type: PromptInjection, action: Observe, reversible: false }",
      "{ name: a, type: PromptInjection, stage: Both, action: Observe, streaming: Window, onFailure: Block }",
    ],
    [
      "- { name: a, type: BedrockGuardrail, bedrockGuardrail: { id: g1, version: '1', region: eu-west-1 } }",
      "{ name: a, type: BedrockGuardrail, bedrockGuardrail: { id: g1, version: '1', region: eu-west-1, credentials: { type: Ambient } }, stage: Both, action: Block, streaming: Window, onFailure: Block }",
    ],
    [
      "- { name: a, type: BedrockGuardrail, bedrockGuardrail: { id: g1, version: DRAFT, region: eu-west-1, endpoint: 'https://vpce.example', transport: Sdk, pricePerUnit: '0.00015', credentials: { type: AssumeRole, assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/guard' } } } }",
      "{ name: a, type: BedrockGuardrail, bedrockGuardrail: { id: g1, version: DRAFT, region: eu-west-1, endpoint: 'https://vpce.example', transport: Sdk, unitPrice: 150000000, credentials: { type: AssumeRole, roleArn: 'arn:aws:iam::111122223333:role/guard', externalId: switchyard/shop } }, stage: Both, action: Block, streaming: Window, onFailure: Block }",
    ],
  ])("of %s is %s", (yaml, expected) => {
    expect(entryOf(yaml)).toEqual({ ok: true, value: parse(expected) });
  });

  test.each([
    [
      "- { name: a, type: Pattern, pattern: { expression: 'a(?=b)' } }",
      "pattern.expression",
      /^The expression is not in RE2's syntax: .+\. Correct it in RE2's syntax\.$/,
    ],
    [
      "- { name: a, type: Pattern, pattern: { expression: '((a{100}){100}){100}' } }",
      "pattern.expression",
      /^The expression is not in RE2's syntax: /,
    ],
    [
      `- { name: a, type: JsonSchema, stage: Output, jsonSchema: { schema: '{"type": "text"}' } }`,
      "jsonSchema.schema",
      /^The schema cannot be used: .+ Correct it as JSON Schema 2020-12\.$/,
    ],
    [
      "- { name: a, type: JsonSchema, stage: Output, jsonSchema: { schema: 'no JSON' } }",
      "jsonSchema.schema",
      /^The schema cannot be used: /,
    ],
    [
      `- { name: a, type: WordList, wordList: { words: [${longWords}] } }`,
      "wordList.words",
      /^The words have 20490 characters in all, and 16384 is the most: shorten the list/,
    ],
    [
      "- { name: a, type: BedrockGuardrail, bedrockGuardrail: { id: g1, version: '1', region: eu-west-1, pricePerUnit: '10000' } }",
      "bedrockGuardrail.pricePerUnit",
      /^10000 USD is too much for one text unit of a guardrail: write the price/,
    ],
    [
      "- { name: a, type: Pii, pii: { entities: [Email, Address] } }",
      "pii.entities[1]",
      /^Address can be told by a model only.+remove it here.+BedrockGuardrail/,
    ],
  ])("is none of %s, and the field and the remedy are named", (yaml, path, message) => {
    const entry = entryOf(yaml);
    expect(entry).toMatchObject({ ok: false, error: { path } });
    expect(entry.ok ? "" : entry.error.message).toMatch(message);
  });
});
