import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ChatRequest, FunctionTool, Message } from "../../../src/openai/index.ts";
import { needsOf } from "../../../src/routing/index.ts";
import { chatNeeds } from "./sample-entries.ts";

const weather: FunctionTool = {
  type: "function",
  function: {
    name: "weather",
    description: "Tells the weather of a place",
    parameters: { type: "object", properties: { place: { type: "string" } } },
  },
};
const image: Message = {
  role: "user",
  content: [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
  ],
};
const file: Message = {
  role: "user",
  content: [{ type: "file", file: { file_data: "data:application/pdf;base64,AAAA" } }],
};
const toolTurns: Message[] = [
  { role: "user", content: "Weather in Oslo?" },
  {
    role: "assistant",
    tool_calls: [{ id: "1", function: { name: "weather", arguments: '{"place":"Oslo"}' } }],
  },
  { role: "tool", tool_call_id: "1", content: "Rain" },
];
const schema: ChatRequest["response_format"] = {
  type: "json_schema",
  json_schema: { name: "reply", schema: { type: "object" } },
};

describe("the capabilities that a request needs", () => {
  const cases: [string, Partial<ChatRequest>, string[]][] = [
    ["plain text needs none", {}, []],
    ["a stream needs Streaming", { stream: true }, ["Streaming"]],
    ["stream: false needs none", { stream: false }, []],
    ["offered tools need Tools", { tools: [weather] }, ["Tools"]],
    ["an empty list of tools needs none", { tools: [] }, []],
    ["tools that must not be called need none", { tools: [weather], tool_choice: "none" }, []],
    ["tool turns in the history need Tools", { messages: toolTurns }, ["Tools"]],
    [
      "tool turns need Tools though none may be called",
      { messages: toolTurns, tools: [weather], tool_choice: "none" },
      ["Tools"],
    ],
    ["an image needs Vision", { messages: [image] }, ["Vision"]],
    ["a file needs Documents", { messages: [file] }, ["Documents"]],
    ["a schema alone is met by more than one capability", { response_format: schema }, []],
    [
      "a schema beside tools needs JsonSchema, since a forced call would hide the tools",
      { response_format: schema, tools: [weather] },
      ["Tools", "JsonSchema"],
    ],
    ["a JSON object is asked for in words", { response_format: { type: "json_object" } }, []],
    ["reasoning is a wish", { reasoning_effort: "high" }, []],
    [
      "caching is a wish",
      { messages: [{ role: "user", content: "a", cache_control: { type: "ephemeral" } }] },
      [],
    ],
  ];
  test.each(cases)("%s", (_name, request, capabilities) => {
    expect(chatNeeds(request).capabilities).toEqual(capabilities);
  });

  test("a request for a schema is marked so", () => {
    expect(chatNeeds({ response_format: schema }).schemaBound).toBe(true);
    expect(chatNeeds({ response_format: { type: "text" } }).schemaBound).toBe(false);
  });
});

describe("the estimate of input tokens", () => {
  const tokensOf = (messages: Message[], more: Partial<ChatRequest> = {}) =>
    chatNeeds({ messages, ...more }).inputTokens;

  test("prose counts a token for four characters, and four a message", () => {
    expect(tokensOf([{ role: "user", content: "a".repeat(400) }])).toBe(104);
  });

  test("Chinese counts a token for a character", () => {
    expect(tokensOf([{ role: "user", content: "你".repeat(100) }])).toBe(104);
  });

  test("text counts the same whole and in parts of four characters", () => {
    const parts = Array.from({ length: 10 }, () => ({ type: "text" as const, text: "abcd" }));
    const whole = [{ role: "user" as const, content: "abcd".repeat(10) }];
    expect(tokensOf([{ role: "user", content: parts }])).toBe(tokensOf(whole));
  });

  test("an image counts the same whatever its bytes are", () => {
    const long = structuredClone(image) as typeof image & { role: "user" };
    const part = (long.content as { image_url?: { url: string } }[])[1];
    if (part?.image_url) part.image_url.url += "A".repeat(100_000);
    expect(tokensOf([long])).toBe(tokensOf([image]));
    expect(tokensOf([image])).toBeGreaterThan(1_000);
  });

  test("no document counts for more than twenty thousand tokens", () => {
    const data = `data:application/pdf;base64,${"A".repeat(4_000_000)}`;
    const large: Message = {
      role: "user",
      content: [{ type: "file", file: { file_data: data } }],
    };
    expect(tokensOf([large])).toBe(20_004);
    expect(tokensOf([file])).toBe(504);
  });

  test("a text file counts by its characters", () => {
    const data = `data:text/plain;base64,${Buffer.from("a".repeat(4_000)).toString("base64")}`;
    const text: Message = {
      role: "user",
      content: [{ type: "file", file: { file_data: data } }],
    };
    expect(tokensOf([text])).toBeGreaterThanOrEqual(1_000);
    expect(tokensOf([text])).toBeLessThan(1_020);
  });

  test("schemas of tools and answers count about a token for three characters of their JSON", () => {
    const json = JSON.stringify(weather.function).length;
    const plain = tokensOf([{ role: "user", content: "" }]);
    const added = tokensOf([{ role: "user", content: "" }], { tools: [weather] }) - plain;
    expect(added).toBeGreaterThan((json / 3) * 0.8);
    expect(added).toBeLessThan((json / 3) * 1.2);
    expect(tokensOf([{ role: "user", content: "" }], { response_format: schema })).toBeGreaterThan(
      plain,
    );
  });

  test("a schema of any depth ends", () => {
    let parameters: Record<string, unknown> = {};
    for (let depth = 0; depth < 20_000; depth += 1) parameters = { properties: parameters };
    const deep: FunctionTool = { type: "function", function: { name: "deep", parameters } };
    expect(tokensOf([], { tools: [deep] })).toBeGreaterThan(0);
  });

  test("calls, results, refusals and thoughts count too", () => {
    const bare: Message = { role: "assistant", content: "" };
    const empty = tokensOf([bare]);
    const filler = "a".repeat(400);
    const calls = [{ id: "1", function: { name: "f", arguments: filler } }];
    const fuller: Message[] = [
      { ...bare, tool_calls: calls },
      { ...bare, content: [{ type: "refusal", refusal: filler }] },
      { ...bare, thinking_blocks: [{ type: "thinking", thinking: filler }] },
      { ...bare, thinking_blocks: [{ type: "redacted_thinking", data: filler }] },
      { role: "tool", tool_call_id: "1", content: filler },
    ];
    for (const message of fuller) expect(tokensOf([message])).toBeGreaterThanOrEqual(empty + 100);
  });

  test("more text never counts for less", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, more) => {
        const shorter = tokensOf([{ role: "user", content: text }]);
        const longer = tokensOf([{ role: "user", content: text + more }]);
        // Two halves of a surrogate pair, brought together, take fewer bytes than apart.
        expect(longer).toBeGreaterThanOrEqual(shorter - 1);
      }),
    );
  });
});

describe("the prefix to be cached", () => {
  const marked = { cache_control: { type: "ephemeral" as const } };

  test("ends at the last mark, tools included", () => {
    const messages: Message[] = [
      { role: "system", content: "a".repeat(400), ...marked },
      { role: "user", content: "b".repeat(400) },
    ];
    const needs = chatNeeds({ messages, tools: [weather] });
    const tools = chatNeeds({ messages: [], tools: [weather] }).inputTokens;
    expect(needs.cacheableTokens).toBe(tools + 104);
    expect(needs.inputTokens).toBe(tools + 208);
  });

  test("may end inside a message, or after the tools", () => {
    const parts = [
      { type: "text" as const, text: "a".repeat(40), ...marked },
      { type: "text" as const, text: "b".repeat(40) },
    ];
    expect(chatNeeds({ messages: [{ role: "user", content: parts }] }).cacheableTokens).toBe(14);
    const tools = chatNeeds({ tools: [{ ...weather, ...marked }] });
    expect(tools.cacheableTokens).toBeGreaterThan(0);
    expect(tools.cacheableTokens).toBeLessThan(tools.inputTokens);
  });

  test("is empty without a mark", () => {
    expect(chatNeeds().cacheableTokens).toBe(0);
  });
});

describe("what else is read from a request", () => {
  test("max_completion_tokens comes before max_tokens", () => {
    expect(chatNeeds({ max_tokens: 5 }).maxOutputTokens).toBe(5);
    expect(chatNeeds({ max_tokens: 5, max_completion_tokens: 7 }).maxOutputTokens).toBe(7);
    expect(chatNeeds().maxOutputTokens).toBeUndefined();
  });

  test("features are those of the last user message", () => {
    const messages: Message[] = [
      { role: "user", content: "{ a = 1; }" },
      { role: "assistant", content: "= = =" },
      { role: "user", content: "So 12 + 345 = ?" },
    ];
    const { features } = chatNeeds({ messages, tools: [weather], reasoning_effort: "max" });
    expect(features).toEqual({
      characters: 15,
      mathMarks: 2,
      codeMarks: 0,
      numbers: 2,
      tools: 1,
      reasoningEffort: 1,
    });
  });

  test("a back-slash is a mark of mathematics and of code", () => {
    const content = String.raw`\frac`;
    const { features } = chatNeeds({ messages: [{ role: "user", content }] });
    expect(features).toMatchObject({ mathMarks: 1, codeMarks: 1, numbers: 0 });
  });

  test("only the first three thousand characters are scanned for marks", () => {
    const content = `${" ".repeat(3_000)}1 + 1;`;
    const { features } = chatNeeds({ messages: [{ role: "user", content }] });
    expect(features).toMatchObject({ mathMarks: 0, codeMarks: 0, numbers: 0, characters: 3_006 });
  });

  test("embeddings need the room of their longest text and are billed for all", () => {
    const needs = needsOf({
      model: "e",
      input: ["a".repeat(400), "b".repeat(40)],
      dimensions: 256,
    });
    expect(needs).toMatchObject({
      type: "Embeddings",
      capabilities: ["Embeddings"],
      inputTokens: 110,
      contextTokens: 100,
      maxOutputTokens: 0,
      dimensions: 256,
    });
  });
});
