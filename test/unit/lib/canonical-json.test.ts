import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "../../../src/lib/index.ts";

describe("canonical JSON", () => {
  test.each<[string, Json, string]>([
    [
      "keys in the order of their UTF-16 units",
      { b: 1, a: 2, é: 3, B: 4 },
      '{"B":4,"a":2,"b":1,"é":3}',
    ],
    ["no white space", { list: [1, { deep: true }] }, '{"list":[1,{"deep":true}]}'],
    ["members that are undefined left out", { a: undefined, b: null }, '{"b":null}'],
    ["lists in their own order", [3, 1, 2], "[3,1,2]"],
    ["text escaped as JSON does", 'a"\n', '"a\\"\\n"'],
    ["negative zero as zero", -0, "0"],
  ])("writes %s", (_what, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %s, which JSON cannot write",
    (number) => {
      expect(() => canonicalJson({ number })).toThrow(TypeError);
    },
  );

  test("is JSON of the same value, whatever the order of its keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value) as Json)).toBe(text);
      }),
    );
  });
});

/** The same value with every object's keys the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const turned = Object.entries(value)
    .toReversed()
    .map(([key, member]): [string, unknown] => [key, reversed(member)]);
  return Object.fromEntries(turned);
}
