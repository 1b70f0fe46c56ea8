import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText, compileCheck, scoreAnswer, type Check } from "../../../src/judging/index.ts";

const compiled = (check: Check) => {
  const result = compileCheck(check);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const holds = (check: Check, answer: string) => compiled(check).holds(answer);
const exact = (answers: string[], caseSensitive = false): Check => ({
  exact: { answers, caseSensitive },
});
const numeric = (value: number, tolerance = 0): Check => ({ numeric: { value, tolerance } });
const regex = (pattern: string, ignoreCase = false): Check => ({ regex: { pattern, ignoreCase } });

describe("an exact check", () => {
  it.each([
    ["Paris", true],
    ["  **Paris.**\n", true],
    ["“paris”", true],
    ["Ｐａｒｉｓ", true],
    ["new\n york", true],
    ["Paris, I think", false],
    ["The answer is Paris", false],
    ["", false],
    ["Par is", false],
  ])("of Paris or New York takes %j: %s", (answer, right) => {
    expect(holds(exact(["Paris", "New York"]), answer)).toBe(right);
  });

  it("heeds case where it is told to", () => {
    expect(holds(exact(["B"], true), "b")).toBe(false);
    expect(holds(exact(["B"], true), "B.")).toBe(true);
  });

  it("takes its own answers, whatever stands around them that makes no difference", () => {
    const around = fc.array(fc.constantFrom(" ", "\n", "*", '"', "`", "”"), { maxLength: 5 });
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), around, around, (text, before, behind) => {
        const dressed = `${before.join("")}${text}${behind.join("")}`;
        expect(holds(exact([text]), dressed)).toBe(true);
      }),
    );
  });
});

describe("a numeric check", () => {
  it.each([
    [11, 0, "7 + 4 is 11.", true],
    [11, 0, "11 of 12", false],
    [1234.5, 0, "It costs $1,234.50", true],
    [-3, 0, "x = −3", true],
    [-3, 0, "5-8 = -3", true],
    [0.3, 0, "0.30000000000000004", true],
    [0.3, 0, "0.3001", false],
    [0.3, 0, "0.3", true],
    [100, 5, "about 96 %", true],
    [100, 5, "about 94.9", false],
    [1e21, 1, "1e21", true],
    [4, 0, "I am GPT4", false],
    [4, 0, "v1.4", false],
    [3, 0, "1, 2, 3", true],
    [12, 0, "1,2", false],
    [2, 0, "", false],
    [2, 0, "two", false],
    [2, 0, "NaN Infinity", false],
  ])("of %d ± %d takes %j: %s", (value, tolerance, answer, right) => {
    expect(holds(numeric(value, tolerance), answer)).toBe(right);
  });

  it("finds any number that a sentence ends with", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    );
    fc.assert(
      fc.property(value, (number) => {
        expect(holds(numeric(number), `From 17 follows ${number}.`)).toBe(true);
        expect(holds(numeric(number), `It is ${number} and then ${number + 1000}`)).toBe(false);
      }),
    );
  });
});

describe("a regex check", () => {
  it.each([
    ["\\bB\\b", "The answer is B.", true],
    ["\\bB\\b", "Bee", false],
    ["^4\\d$", "42", true],
  ])("%s takes %j: %s", (pattern, answer, right) => {
    expect(holds(regex(pattern), answer)).toBe(right);
  });

  it("says what is wrong with a pattern, and takes none that needs to look back", () => {
    expect(compileCheck(regex("(")).ok).toBe(false);
    expect(compileCheck(regex("(a)\\1"))).toEqual({
      ok: false,
      error: expect.stringContaining("RE2"),
    });
  });
});

describe("a JSON schema check", () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string", pattern: "^[A-Z]" } },
    required: ["city"],
  };

  it.each([
    ['{"city": "Oslo"}', true],
    ['{"city": "oslo"}', false],
    ["{}", false],
    ["Oslo", false],
    ["", false],
  ])("takes %j: %s", (answer, right) => {
    expect(holds({ jsonSchema: { schema } }, answer)).toBe(right);
  });

  it("says what is wrong with a schema", () => {
    expect(compileCheck({ jsonSchema: { schema: { type: "nonsense" } } })).toEqual({
      ok: false,
      error: expect.stringContaining("cannot be used"),
    });
  });
});

describe("an answer's score", () => {
  const checks = [compiled(regex("^The")), compiled(numeric(4))];

  it.each([
    ["The 4", { score: 1, check: "numeric" }],
    ["The 5", { score: 0, check: "numeric" }],
    ["A 4", { score: 0, check: "regex" }],
  ])(
    "of %j is %j: all checks have to hold, and the first that does not decides",
    (answer, score) => {
      expect(scoreAnswer(answer, checks)).toEqual(score);
    },
  );

  it("is not made up where nothing checks", () => {
    expect(() => scoreAnswer("4", [])).toThrow(RangeError);
  });
});

describe("the text that is judged", () => {
  const call = (name: string, text: string) => ({ function: { name, arguments: text } });

  it.each([
    [{ content: "Oslo" }, "Oslo"],
    [{ content: null }, ""],
    [{}, ""],
    [
      { content: "I look.", tool_calls: [call("weather", '{"city":"Oslo"}')] },
      '[{"name":"weather","arguments":{"city":"Oslo"}}]',
    ],
    [{ content: null, tool_calls: [call("a", "{")] }, '[{"name":"a","arguments":"{"}]'],
  ])("of %j is %s", (message, text) => {
    expect(answerText(message)).toBe(text);
  });
});
