import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChatRequest } from "../../../src/openai/index.ts";
import { arbitraryChatBody } from "./arbitrary-conversation.ts";

const hello = { model: "m", messages: [{ role: "user", content: "hello" }] };
const saying = (...content: unknown[]) => ({ ...hello, messages: [{ role: "user", content }] });
const tool = (name: string) => ({ type: "function", function: { name } });

function refusal(body: unknown) {
  const parsed = parseChatRequest(body);
  if (parsed.ok) throw new Error("The body was accepted");
  const { code, status, type, param, message } = parsed.error;
  return { code, status, type, param, message };
}

function accepted(body: unknown) {
  const parsed = parseChatRequest(body);
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

describe("a chat request that is wrong", () => {
  it.each<[string, unknown, string | null, string]>([
    ["nothing", null, null, "The body must be an object"],
    ["an array", [], null, "The body must be an object"],
    ["no model", {}, "model", "model is required"],
    ["a null model", { ...hello, model: null }, "model", "model is required"],
    ["an empty model", { ...hello, model: "" }, "model", "model must be a text that is not empty"],
    ["no messages", { model: "m" }, "messages", "messages is required"],
    [
      "an empty conversation",
      { model: "m", messages: [] },
      "messages",
      "messages must be an array of at least 1 item",
    ],
    [
      "a text for messages",
      { model: "m", messages: "hi" },
      "messages",
      "messages must be an array",
    ],
    [
      "an unknown role",
      { model: "m", messages: [{ role: "bot" }] },
      "messages[0].role",
      'messages[0].role must be one of "system", "developer", "user", "assistant", "tool", "function"',
    ],
    [
      "no content",
      { model: "m", messages: [{ role: "user" }] },
      "messages[0].content",
      "messages[0].content is required",
    ],
    [
      "content of a wrong type",
      { model: "m", messages: [{ role: "user", content: 5 }] },
      "messages[0].content",
      "messages[0].content must be a string or an array",
    ],
    [
      "a part without text",
      saying({ type: "text" }),
      "messages[0].content[0].text",
      "messages[0].content[0].text is required",
    ],
    [
      "a number for a text",
      saying({ type: "text", text: "a" }, { type: "text", text: 5 }),
      "messages[0].content[1].text",
      "messages[0].content[1].text must be a string",
    ],
    [
      "a part that is no object",
      saying("text"),
      "messages[0].content[0]",
      "messages[0].content[0] must be an object",
    ],
    [
      "a file by id",
      saying({ type: "file", file: { file_id: "f" } }),
      "messages[0].content[0].file.file_data",
      "messages[0].content[0].file.file_data is required: files are sent inline as a data URL, a `file_id` means nothing here",
    ],
    ["several choices", { ...hello, n: 2 }, "n", "n must be 1: one choice is made per request"],
    [
      "too high a temperature",
      { ...hello, temperature: 2.5 },
      "temperature",
      "temperature must be at most 2",
    ],
    ["a text for a number", { ...hello, top_p: "1" }, "top_p", "top_p must be a number"],
    [
      "no room for an answer",
      { ...hello, max_tokens: 0 },
      "max_tokens",
      "max_tokens must be at least 1",
    ],
    [
      "half a token",
      { ...hello, max_completion_tokens: 1.5 },
      "max_completion_tokens",
      "max_completion_tokens must be a whole number",
    ],
    ["a stop that is no text", { ...hello, stop: [1] }, "stop[0]", "stop[0] must be a string"],
    [
      "a tool of another kind",
      { ...hello, tools: [{ type: "custom" }] },
      "tools[0].type",
      'tools[0].type must be "function"',
    ],
    [
      "an unknown tool choice",
      { ...hello, tool_choice: "any" },
      "tool_choice",
      'tool_choice must be one of "none", "auto", "required" or an object',
    ],
    [
      "a call demanded of no tool",
      { ...hello, tool_choice: "required" },
      "tool_choice",
      "tool_choice asks for a call, but `tools` offers none",
    ],
    [
      "a call demanded of another tool",
      { ...hello, tools: [tool("a")], tool_choice: tool("b") },
      "tool_choice",
      'tool_choice names the function "b", which is not among `tools`',
    ],
    [
      "an unknown response format",
      { ...hello, response_format: { type: "xml" } },
      "response_format.type",
      'response_format.type must be one of "text", "json_object", "json_schema"',
    ],
    [
      "a call without arguments",
      {
        model: "m",
        messages: [{ role: "assistant", tool_calls: [{ id: "a", function: { name: "x" } }] }],
      },
      "messages[0].tool_calls[0].function.arguments",
      "messages[0].tool_calls[0].function.arguments is required",
    ],
    [
      "metadata of numbers",
      { ...hello, metadata: { a: 1 } },
      "metadata.a",
      "metadata.a must be a string",
    ],
    [
      "a cache mark of another kind",
      saying({ type: "text", text: "a", cache_control: { type: "forever" } }),
      "messages[0].content[0].cache_control.type",
      'messages[0].content[0].cache_control.type must be "ephemeral"',
    ],
  ])("names the field and what is allowed, given %s", (_, body, param, message) => {
    expect(refusal(body)).toEqual({
      code: "invalid_request_error",
      status: 400,
      type: "invalid_request_error",
      param,
      message,
    });
  });

  const many = <Item>(item: Item): Item[] => Array<Item>(1_000_000).fill(item);
  it.each([
    ["messages[0]", { model: "m", messages: many(1) }],
    ["messages[0].content[0]", { ...hello, messages: [{ role: "user", content: many(1) }] }],
    ["stop[0]", { ...hello, stop: many(1) }],
    ["tools[0].type", { ...hello, tools: many({}) }],
    ["metadata.0", { ...hello, metadata: Object.fromEntries(many(1).entries()) }],
  ])("stops at the first of a million faults, at %s", (param, body) => {
    const before = process.memoryUsage().heapUsed;
    expect(refusal(body)).toMatchObject({ param });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  });

  it.each([
    [
      "user",
      { type: "input_audio", input_audio: { data: "", format: "wav" } },
      '"text", "image_url", "file"',
    ],
    ["user", { type: "video_url" }, '"text", "image_url", "file"'],
    ["assistant", { type: "image_url", image_url: { url: "x" } }, '"text", "refusal"'],
    ["system", { type: "image_url", image_url: { url: "x" } }, '"text"'],
  ])("refuses a part that a %s cannot send: %o", (role, part, allowed) => {
    const path = "messages[0].content[0].type";
    expect(refusal({ model: "m", messages: [{ role, content: [part] }] })).toMatchObject({
      code: "unsupported_content",
      status: 400,
      param: path,
      message: `${path} must be one of ${allowed}`,
    });
  });
});

describe("a chat request that OpenAI accepts", () => {
  it("is accepted, whatever it holds, and nothing but legacy forms and nulls is changed", () => {
    fc.assert(
      fc.property(arbitraryChatBody({ media: true }), (body) => {
        const before = structuredClone(body);
        const request = accepted(body);
        expect(body).toEqual(before);
        const kept = Object.entries(body).filter(([, member]) => member !== null);
        expect(request).toEqual(Object.fromEntries(kept));
      }),
    );
  });

  it("is never refused by a crash, whatever the body", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const parsed = parseChatRequest(body);
        if (!parsed.ok) expect(parsed.error.status).toBe(400);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (content, choice, tools) => {
        const messages = [{ role: "user", content }, content];
        const parsed = parseChatRequest({ model: "m", messages, tools, tool_choice: choice });
        if (!parsed.ok) expect(parsed.error.param).not.toBeNull();
      }),
    );
  });

  it("keeps fields that it does not know, for providers with a place for them", () => {
    const unknown = { guided_choice: ["a"], messages: [{ role: "user", content: "a", weight: 1 }] };
    expect(accepted({ model: "m", ...unknown })).toEqual({ model: "m", ...unknown });
  });

  it("may use the deprecated functions, which become tools", () => {
    const request = accepted({
      model: "m",
      functions: [{ name: "look", parameters: { type: "object" } }],
      function_call: { name: "look" },
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: null, function_call: { name: "look", arguments: "{}" } },
        { role: "function", name: "look", content: "seen" },
      ],
    });
    expect(request).toEqual({
      model: "m",
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
      tool_choice: { type: "function", function: { name: "look" } },
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              id: "call_function_1",
              type: "function",
              function: { name: "look", arguments: "{}" },
            },
          ],
        },
        { role: "tool", tool_call_id: "call_function_1", content: "seen" },
      ],
    });
  });

  it("may restrict its tools, which takes the others away", () => {
    const request = accepted({
      ...hello,
      tools: [tool("a"), tool("b")],
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [tool("b")] },
      },
    });
    expect(request).toMatchObject({ tools: [tool("b")], tool_choice: "required" });
  });
});
