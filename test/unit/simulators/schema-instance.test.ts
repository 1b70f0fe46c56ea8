import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import { instanceOf } from "../../../src/simulators/mind/schema-instance.ts";

const write = (schema: unknown, prompt = "About tides", answer?: string) =>
  instanceOf(schema, { random: seededRandom(4), prompt, answer });

describe("values of single schemas", () => {
  test.each<[string, unknown, unknown]>([
    ["a constant", { const: 7 }, 7],
    ["a reference", { $ref: "#/$defs/a", $defs: { a: { const: "x" } } }, "x"],
    [
      "both parts of allOf",
      { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
      { a: 1, b: 2 },
    ],
    ["the first of anyOf", { anyOf: [{ const: 1 }, { const: 2 }] }, 1],
    ["a date", { type: "string", format: "date" }, "2026-03-14"],
    ["a type that may be null", { type: ["null", "boolean"] }, expect.any(Boolean)],
    [
      "as many items as are needed",
      { type: "array", items: { const: 0 }, minItems: 3, maxItems: 4 },
      [0, 0, 0],
    ],
    ["no more items than are allowed", { type: "array", items: { const: 0 }, maxItems: 1 }, [0]],
    ["no schema at all", undefined, expect.any(String)],
  ])("%s", (_what, schema, value) => {
    expect(write(schema)).toEqual(value);
  });

  test("the answer goes where it is asked for", () => {
    const properties = { answer: { type: "string" }, result: { type: "number" } };
    expect(write({ type: "object", properties }, "What is 6 * 7?", "42")).toEqual({
      answer: "42",
      result: 42,
    });
  });

  test("a schema that holds itself comes to an end", () => {
    const node = {
      type: "object",
      properties: {
        next: { anyOf: [{ $ref: "#" }, { type: "null" }] },
        all: { type: "array", items: { $ref: "#" } },
      },
      required: ["next"],
    };
    expect(JSON.stringify(write(node)).length).toBeGreaterThan(10);
    const wide = Object.fromEntries("abcdef".split("").map((name) => [name, { $ref: "#" }]));
    expect(
      JSON.stringify(write({ properties: wide, required: Object.keys(wide) })).length,
    ).toBeLessThan(100_000);
    const endless = { $ref: "#" };
    expect(write(endless)).toEqual(expect.anything());
  });
});

type Schema = Record<string, unknown>;

const within = (value: number, low: unknown, high: unknown): boolean =>
  value >= Number(low) && value <= Number(high);

const checks: Record<string, (schema: Schema, value: unknown) => boolean> = {
  string: (schema, value) =>
    typeof value === "string" && within(value.length, schema["minLength"], schema["maxLength"]),
  integer: (schema, value) =>
    Number.isInteger(value) && within(value as number, schema["minimum"], schema["maximum"]),
  array: (schema, value) =>
    Array.isArray(value) && value.every((item) => conforms(schema["items"] as Schema, item)),
  object: (schema, value) => {
    const properties = Object.entries(schema["properties"] as Record<string, Schema>);
    // Every property is required, so each must be there and conform, and nothing else.
    const given = value as Schema;
    return (
      properties.length === Object.keys(given).length &&
      properties.every(([name, each]) => conforms(each, given[name]))
    );
  },
};

/** Whether a value conforms, for the keywords that the property makes. */
function conforms(schema: Schema, value: unknown): boolean {
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value);
  return checks[schema["type"] as string]?.(schema, value) ?? false;
}

test("any schema's instance conforms to it", () => {
  const integers = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.nat({ max: 30 }))
    .map(([minimum, more]) => ({ type: "integer", minimum, maximum: minimum + more }));
  const strings = fc
    .tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }))
    .map(([minLength, more]) => ({ type: "string", minLength, maxLength: minLength + more }));
  const enums = fc.array(fc.string(), { minLength: 1 }).map((values) => ({ enum: values }));
  const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      integers,
      strings,
      enums,
      tie("schema").map((items) => ({ type: "array", items })),
      fc
        .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("schema"), { maxKeys: 4 })
        .map((properties) => ({ type: "object", properties, required: Object.keys(properties) })),
    ),
  }));
  fc.assert(
    fc.property(schema, fc.string({ unit: "grapheme" }), (each, prompt) => {
      expect(conforms(each, write(each, prompt))).toBe(true);
    }),
    { numRuns: 400 },
  );
});
