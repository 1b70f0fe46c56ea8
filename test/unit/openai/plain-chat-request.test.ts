import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBySchema, parseChatRequest } from "../../../src/openai/parse-chat-request.ts";
import { isPlainChatRequest } from "../../../src/openai/plain-chat-request.ts";

/** What clients get wrong, or write in some other form. */
const odd = fc.constantFrom<unknown>(
  null,
  true,
  "",
  "x",
  0,
  1,
  -1,
  0.5,
  3,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  [],
  ["x"],
  [1],
  {},
  { type: "text" },
  { type: "function" },
  [{}],
  [null],
  { include_usage: null },
  { name: "f" },
  { __proto__: null, a: 1 },
  JSON.parse('{"__proto__":{"a":1}}') as unknown,
);
/** Mostly as it should be, so that every member gets its turn at being the only odd one. */
const mostly = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary: value }, { weight: 1, arbitrary: odd });
const of = (...values: unknown[]) => mostly(fc.constantFrom(...values));

const members = (
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) =>
  mostly(
    fc
      .tuple(
        fc.record(required, { requiredKeys: Object.keys(required) }),
        fc.record(optional, { requiredKeys: [] }),
        fc.oneof(
          { weight: 60, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.constantFrom("unheard_of", "cache_control", "__proto__") },
        ),
      )
      .map(([must, may, extra]) =>
        extra === undefined
          ? { ...must, ...may }
          : Object.defineProperty({ ...must, ...may }, extra, {
              value: { type: "ephemeral" },
              enumerable: true,
            }),
      ),
  );

const textPart = members({ type: of("text", "image_url"), text: of("hello") });
const content = mostly(fc.oneof(fc.string(), fc.array(textPart, { maxLength: 2 })));
const call = members(
  { id: of("call_1"), function: members({ name: of("f"), arguments: of("{}") }) },
  { type: of("function") },
);
const name = of("ada");
const message = fc.oneof(
  members({ role: of("system", "developer", "user"), content }, { name }),
  members(
    { role: of("assistant") },
    { content: fc.oneof(content, fc.constant(null)), tool_calls: fc.array(call), name },
  ),
  members({ role: of("tool"), content, tool_call_id: of("call_1") }, { name }),
  members({ role: of("function"), name }, { content }),
);
const parameters = of({ type: "object", properties: {} });
const tool = members({
  type: of("function"),
  function: members({ name: of("f") }, { description: of("does"), parameters, strict: of(true) }),
});

const body = members(
  { model: of("m"), messages: mostly(fc.array(message, { maxLength: 3 })) },
  {
    max_tokens: of(1, 400),
    max_completion_tokens: of(400),
    temperature: of(0, 0.7, 2),
    top_p: of(0, 1),
    frequency_penalty: of(-2),
    presence_penalty: of(0.5),
    seed: of(-7),
    n: of(1),
    stop: of("END", ["a", "b"]),
    tools: mostly(fc.array(tool, { maxLength: 2 })),
    parallel_tool_calls: of(false),
    stream: of(true, false),
    stream_options: of({ include_usage: true }, {}),
    user: of("u"),
  },
);
const rest = fc.constantFrom(
  {},
  {},
  {},
  { tool_choice: "auto" },
  { tool_choice: "required" },
  { top_k: 5 },
  { functions: [{ name: "f" }] },
  { function_call: "auto" },
  { max_tokens: null },
);

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const told = (parsed: ReturnType<typeof parseChatRequest>) =>
  parsed.ok
    ? { value: parsed.value }
    : { code: parsed.error.code, param: parsed.error.param, message: parsed.error.message };

describe("a plain chat request", () => {
  it("is read as the schema would read it, and so is any other", () => {
    let plain = 0;
    fc.assert(
      fc.property(body, rest, (most, more) => {
        const given = isObject(most) ? { ...most, ...more } : most;
        if (isPlainChatRequest(given)) plain += 1;
        expect(told(parseChatRequest(given))).toEqual(told(parseBySchema(given)));
      }),
      { numRuns: 3_000 },
    );
    // Else the comparison would be one of the schema with itself.
    expect(plain).toBeGreaterThan(100);
  });

  it.each([
    ["a question", { messages: [{ role: "user", content: "hello" }] }],
    [
      "a turn with tools",
      {
        messages: [
          { role: "system", content: [{ type: "text", text: "Be brief" }] },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
          },
          { role: "tool", tool_call_id: "1", content: "sunny" },
        ],
        tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
        stream: true,
        stream_options: { include_usage: true },
      },
    ],
  ])("is %s, as nearly all clients send it", (_what, members) => {
    const given = { model: "m", max_tokens: 400, temperature: 0.7, ...members };
    expect(isPlainChatRequest(given)).toBe(true);
  });
});
