import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { compileGoldenSet } from "../../../src/compile/index.ts";

const whole = `version: 1
name: capitals
judge: { route: grader }
items:
  - id: france
    prompt: What is the capital of France?
    checks:
      - exact: { answers: [Paris, "Paris, France"] }
  - id: weather
    messages:
      - { role: system, content: Use the tools }
      - { role: user, content: Is it warm in Oslo? }
    tools:
      - type: function
        function: { name: weather, parameters: { type: object, properties: { city: { type: string } } } }
    toolChoice: required
    maxTokens: 100
    checks:
      - jsonSchema:
          schema: { type: array, items: { required: [name, arguments], properties: { x: { const: null } } } }
      - regex: { pattern: Oslo, ignoreCase: true }
  - id: sum
    prompt: What is 7 + 4?
    responseFormat: { type: json_object }
    checks:
      - numeric: { value: 11, tolerance: 0.5 }
      - judge: { rubric: It shows how it was reckoned, reference: 7 + 4 is 11 }
`;

const problemsOf = (text: string) => {
  const read = compileGoldenSet(text, "set.yaml");
  return read.ok ? [] : read.error.map(({ line, path, message }) => ({ line, path, message }));
};

describe("a golden set", () => {
  const idsOf = (text: string): string[] => {
    const read = compileGoldenSet(text, "set.yaml");
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return read.value.items.map(({ promptId }) => promptId);
  };

  it("calls its prompts by what they say, so that labels of an edited item are of another prompt", () => {
    const [france, weather, sum] = idsOf(whole);
    expect(france).toMatch(/^golden:capitals\/france@[0-9a-f]{12}$/);
    expect(idsOf(`# a remark\n${whole}`)).toEqual([france, weather, sum]);
    const asked = idsOf(whole.replace("capital of France", "capital of Spain"));
    const checked = idsOf(whole.replace("answers: [Paris,", "answers: [Madrid,"));
    for (const edited of [asked, checked]) {
      expect(edited[0]).toMatch(/^golden:capitals\/france@/);
      expect(edited[0]).not.toBe(france);
      expect(edited.slice(1)).toEqual([weather, sum]);
    }
    expect(asked[0]).not.toBe(checked[0]);
    const rejudged = idsOf(whole.replace("route: grader", "route: stricter"));
    expect(rejudged.slice(0, 2)).toEqual([france, weather]);
    expect(rejudged[2]).not.toBe(sum);
  });

  it("is read with its checks ready to be made", () => {
    const read = compileGoldenSet(whole, "set.yaml");
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const { name, judge, items } = read.value;
    expect([name, judge, items.map(({ item }) => item.id)]).toEqual([
      "capitals",
      "grader",
      ["france", "weather", "sum"],
    ]);
    const called = (city: string) => JSON.stringify([{ name: "weather", arguments: { city } }]);
    const verdicts = (at: number, answer: string) =>
      items[at]?.checks.map((check) => check.holds(answer));
    expect(verdicts(0, "paris.")).toEqual([true]);
    expect(verdicts(0, "Lyon")).toEqual([false]);
    expect(verdicts(1, called("Oslo"))).toEqual([true, true]);
    expect(verdicts(1, called("Rome"))).toEqual([true, false]);
    expect(verdicts(1, '[{"name": "weather", "arguments": {}, "x": 1}]')).toEqual([false, false]);
    expect(verdicts(2, "It is 11.4")).toEqual([true]);
    expect(items[2]?.judges).toEqual([
      { rubric: "It shows how it was reckoned", reference: "7 + 4 is 11" },
    ]);
  });

  // The problem stands at the line of the text that is named third, else at that of the wrong one.
  it.each([
    ["version: 1", "version: 2", "", "version", "write 1"],
    ["name: capitals", "name: Capitals", "", "name", "small letters"],
    [
      "judge: { route: grader }",
      "",
      "judge: { rubric",
      "items[2].checks[1].judge",
      "Nobody judges",
    ],
    ["id: sum", "id: france #", "", "items[2].id", "twice"],
    ["id: sum", "id: a b", "", "items[2].id", "1 to 128 letters"],
    ["prompt: What is 7", "promt: What is 7", "", "items[2].promt", "Did you mean prompt"],
    ["prompt: What is 7", "messages: []\n    prompt: 7", "id: sum", "items[2]", "either prompt"],
    ["value: 11", "value: eleven", "", "items[2].checks[0].numeric.value", "Write a number"],
    ["value: 11", "value: .inf", "", "items[2].checks[0].numeric.value", "Write a number"],
    ["numeric: {", "numerc: {", "", "items[2].checks[0].numerc", "Did you mean numeric"],
    [
      "numeric: {",
      "exact: { answers: [a] }\n        numeric: {",
      "exact: { answers: [a]",
      "items[2].checks[0]",
      "one of exact, regex",
    ],
    ["pattern: Oslo", 'pattern: "("', "", "items[1].checks[1].regex", "RE2"],
    [
      "type: array,",
      "type: arry,",
      "jsonSchema:",
      "items[1].checks[0].jsonSchema",
      "cannot be used",
    ],
    ["role: system", "role: wizard", "messages:", "items[1].messages", "messages[0].role"],
    ["toolChoice: required", "toolChoice: { a: b }", "", "items[1].toolChoice", "tool_choice"],
    ["maxTokens: 100", "maxTokens: 0", "", "items[1].maxTokens", "at least 1"],
    ["type: json_object", "type: yaml", "", "items[2].responseFormat", "response_format.type"],
    ["    prompt: What is the", "\tprompt: What is the", "", "", "no tabs"],
  ])("with %j as %j says so by line and field", (right, wrong, place, path, message) => {
    expect(whole).toContain(right);
    const text = whole.replace(right, wrong);
    const line = text.slice(0, text.indexOf(place === "" ? wrong : place)).split("\n").length;
    expect(problemsOf(text)).toContainEqual({
      line,
      path,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["nothing", "", "write a map of fields"],
    ["a list", "[]", "write a map of fields"],
    ["a bomb", `a: &a [x, x]\nb: &b [*a, *a]\n${bomb()}`, "cannot be read"],
    ["an anchor in itself", "a: &a [*a]", "cannot be read"],
    ["far too much", " ".repeat(2 * 1024 * 1024 + 1), "split it"],
    ["no items", "version: 1\nname: a\nitems: []", "at least 1"],
  ])("that is %s is refused, and nothing breaks", (_what, text, message) => {
    expect(problemsOf(text)).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });

  it("is read back from YAML as it was meant", () => {
    const check = fc.oneof(
      fc.record({
        exact: fc.record({ answers: fc.array(fc.string(), { minLength: 1, maxLength: 4 }) }),
      }),
      fc.record({ numeric: fc.record({ value: fc.integer(), tolerance: fc.nat() }) }),
      fc.record({ regex: fc.constantFrom({ pattern: "a+" }, { pattern: "^x", ignoreCase: true }) }),
    );
    const item = fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/),
      prompt: fc.string({ minLength: 1, unit: "grapheme" }),
      checks: fc.array(check, { minLength: 1, maxLength: 3 }),
    });
    const items = fc.uniqueArray(item, { minLength: 1, maxLength: 6, selector: ({ id }) => id });
    fc.assert(
      fc.property(items, (written) => {
        const text = stringify({ version: 1, name: "any", items: written });
        const read = compileGoldenSet(text, "set.yaml");
        expect(read).toMatchObject({
          ok: true,
          value: {
            items: written.map(({ id, prompt, checks }) => ({
              item: { id, prompt, checks },
              checks: checks.map(() => expect.anything()),
            })),
          },
        });
      }),
    );
  });

  it("that is anything at all is judged without a fault", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json().map((json) => json),
      fc.json().map((json) => `version: 1\nname: any\nitems: ${json}`),
      fc
        .json()
        .map((json) => `version: 1\nname: any\nitems: [{ id: a, prompt: b, checks: ${json} }]`),
    );
    fc.assert(
      fc.property(text, (each) => {
        const read = compileGoldenSet(each, "set.yaml");
        if (!read.ok) expect(read.error.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

/** Doubles what came before, thirty times. */
function bomb(): string {
  return Array.from({ length: 30 }, (_, at) => {
    const last = at === 0 ? "b" : `c${at - 1}`;
    return `c${at}: &c${at} [*${last}, *${last}]`;
  }).join("\n");
}
