import { describe, expect, test } from "vitest";

import type { AnswerPlan } from "../../../src/simulators/answer-plan.ts";
import { AwsError } from "../../../src/simulators/aws-error.ts";
import { invokeEndpoint } from "../../../src/simulators/sagemaker/endpoint.ts";
import { decodeFrames } from "../../support/frame-decoder.ts";
import { newCall } from "./new-call.ts";

const chat = "llama-3-1-8b-chat";
const tgi = "mistral-7b-tgi";
const ask = (content: string) => [{ role: "user", content }];

function bodyOf(plan: AnswerPlan): string {
  if (plan.type === "whole") return plan.body.toString();
  const frames = decodeFrames(Buffer.concat([...plan.frames].map((frame) => frame.bytes)));
  return Buffer.concat(frames.map((frame) => frame.payload)).toString();
}

const whole = (endpoint: string, body: unknown) =>
  JSON.parse(bodyOf(invokeEndpoint(newCall(endpoint, body), false))) as Record<string, never>;

const events = (endpoint: string, body: unknown) =>
  bodyOf(invokeEndpoint(newCall(endpoint, body), true))
    .split("\n\n")
    .filter(Boolean)
    .map((event) => event.replace(/^data:\s?/, ""));

function refusal(endpoint: string, body: unknown): [status: unknown, message: string] {
  try {
    invokeEndpoint(newCall(endpoint, body), false);
    return ["accepted", ""];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect([error.shape, error.status]).toEqual(["ModelError", 424]);
    return [error.members["OriginalStatusCode"], String(error.members["OriginalMessage"])];
  }
}

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};

describe("a container that speaks OpenAI's chat schema", () => {
  test("answers whole, with its usage", () => {
    expect(whole(chat, { messages: ask("Count from 1 to 3") })).toMatchObject({
      object: "chat.completion",
      model: chat,
      choices: [
        { index: 0, message: { role: "assistant", content: "1, 2, 3" }, finish_reason: "stop" },
      ],
      usage: { completion_tokens: 5 },
    });
  });

  test("calls tools, whole and streamed alike", () => {
    const body = { messages: ask("The weather in Bern?"), tools: [weather] };
    const call = {
      function: { name: "get_weather", arguments: '{"city":"Bern"}' },
      type: "function",
    };
    expect(whole(chat, body)).toMatchObject({
      choices: [{ message: { tool_calls: [call] }, finish_reason: "tool_calls" }],
    });
    const chunks = events(chat, { ...body, stream: true })
      .slice(0, -1)
      .map((event) => JSON.parse(event) as Record<string, never>);
    const calls = chunks.flatMap(
      (chunk) => chunk["choices"]?.[0]?.["delta"]?.["tool_calls"] ?? [],
    ) as { function: { arguments: string } }[];
    expect(calls.map((each) => each.function.arguments).join("")).toBe('{"city":"Bern"}');
  });

  test("speaks of a tool's result", () => {
    const toolCall = {
      id: "c1",
      type: "function",
      function: { name: "get_weather", arguments: "{}" },
    };
    const messages = [
      ...ask("The weather?"),
      { role: "assistant", content: null, tool_calls: [toolCall] },
      { role: "tool", tool_call_id: "c1", content: "sun" },
    ];
    expect(whole(chat, { messages, tools: [weather] })).toMatchObject({
      choices: [{ message: { content: "According to the tool: sun" } }],
    });
  });

  test("gives JSON where a schema or an object is asked for", () => {
    const schema = {
      type: "object",
      properties: { answer: { type: "integer" } },
      required: ["answer"],
    };
    const content = (response_format: unknown) => {
      const [choice] = whole(chat, { messages: ask("What is 2 + 2?"), response_format })[
        "choices"
      ] as unknown as [{ message: { content: string } }];
      return JSON.parse(choice.message.content) as unknown;
    };
    expect(content({ type: "json_schema", json_schema: { name: "n", schema } })).toEqual({
      answer: 4,
    });
    expect(content({ type: "json_object" })).toEqual({ answer: "4" });
  });

  test("ends with the reason, the usage only where it is asked for, and [DONE]", () => {
    const body = { messages: ask("Count from 1 to 30"), max_tokens: 4, stream: true };
    const last = events(chat, body).slice(-2);
    expect(JSON.parse(last[0] ?? "")).toMatchObject({
      choices: [{ delta: {}, finish_reason: "length" }],
    });
    expect(last[1]).toBe("[DONE]");
    const counted = events(chat, { ...body, stream_options: { include_usage: true } }).at(-2) ?? "";
    expect(JSON.parse(counted)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
  });

  test.each<[string, unknown, string]>([
    ["no messages", { messages: [] }, "messages must be a list with at least one message."],
    ["neither schema", { prompt: "x" }, "Field required"],
    ["an unknown role", { messages: [{ role: "robot", content: "x" }] }, "Unexpected message role"],
    [
      "no content",
      { messages: [{ role: "user" }] },
      "messages.0: content: Input should be a valid string",
    ],
    [
      "a picture",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
      "does not support image inputs",
    ],
    [
      "a result without id",
      { messages: [...ask("x"), { role: "tool", content: "y" }] },
      "messages.1: tool_call_id: Field required",
    ],
    [
      "arguments that are no JSON",
      {
        messages: [
          { role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "{" } }] },
        ],
      },
      "arguments in JSON",
    ],
    [
      "too hot",
      { messages: ask("x"), temperature: 2.5 },
      "temperature must be in [0, 2], got 2.5.",
    ],
    [
      "no tokens",
      { messages: ask("x"), max_tokens: 0 },
      "max_tokens must be in [1, 1000000000], got 0.",
    ],
    [
      "a choice without tools",
      { messages: ask("x"), tool_choice: "auto" },
      "When using `tool_choice`, `tools` must be set.",
    ],
    ["no tools", { messages: ask("x"), tools: [] }, "tools must be a list with at least one tool."],
    [
      "a choice of no tool",
      {
        messages: ask("x"),
        tools: [weather],
        tool_choice: { type: "function", function: { name: "g" } },
      },
      "does not match any of the specified `tools`: g",
    ],
    ["an empty stop", { messages: ask("x"), stop: "" }, "stop must be a text"],
    [
      "too long a prompt",
      { messages: ask("a ".repeat(33_000)) },
      "This model's maximum context length is 32768 tokens.",
    ],
  ])("refuses %s", (_what, body, words) => {
    const [status, message] = refusal(chat, body);
    expect(status).toBe(400);
    expect(JSON.parse(message)).toMatchObject({ message: expect.stringContaining(words) });
  });
});

describe("a container that speaks TGI", () => {
  test("answers a list, with details where they are asked for", () => {
    expect(whole(tgi, { inputs: "Count from 1 to 3" })).toEqual([{ generated_text: "1, 2, 3" }]);
    const detailed = whole(tgi, {
      inputs: "Count from 1 to 9",
      parameters: { details: true, max_new_tokens: 3 },
    });
    expect(detailed).toMatchObject([
      { generated_text: "1, 2", details: { finish_reason: "length", generated_tokens: 3 } },
    ]);
  });

  test("keeps the stop sequence, and the prompt where that is asked for", () => {
    const parameters = { stop: [", 3"], return_full_text: true };
    expect(whole(tgi, { inputs: "Count from 1 to 5", parameters })).toEqual([
      { generated_text: "Count from 1 to 51, 2, 3" },
    ]);
  });

  test.each([
    "<|user|>\nWhat is 3 + 4?<|end|>\n<|assistant|>\n",
    "<s>[INST] What is 3 + 4? [/INST]",
    "<|im_start|>user\nWhat is 3 + 4?<|im_end|>\n<|im_start|>assistant\n",
    "<|start_header_id|>user<|end_header_id|>\n\nWhat is 3 + 4?<|eot_id|>",
    "User: Count from 1 to 3\nAssistant: 1, 2, 3\nUser: What is 3 + 4?\nAssistant:",
  ])("answers the last turn of the template %j", (inputs) => {
    expect(whole(tgi, { inputs })).toEqual([{ generated_text: "The answer is 7." }]);
  });

  test("streams a token an event, the whole text in the last", () => {
    const tokens = events(tgi, { inputs: "Count from 1 to 3", stream: true }).map(
      (event) =>
        JSON.parse(event) as {
          token: { text: string; special: boolean };
          generated_text: string | null;
          details: unknown;
        },
    );
    const spoken = tokens.filter(({ token }) => !token.special).map(({ token }) => token.text);
    expect(spoken.join("")).toBe("1, 2, 3");
    expect(
      tokens.slice(0, -1).every((event) => event.generated_text === null && event.details === null),
    ).toBe(true);
    expect(tokens.at(-1)).toMatchObject({
      token: { special: true },
      generated_text: "1, 2, 3",
      details: { finish_reason: "eos_token", generated_tokens: 5 },
    });
  });

  test.each<[string, unknown, number, string]>([
    ["no inputs", { inputs: "" }, 422, "`inputs` cannot be empty"],
    ["inputs that are no text", { inputs: ["a"] }, 422, "`inputs` cannot be empty"],
    [
      "a cold temperature",
      { inputs: "a", parameters: { temperature: 0 } },
      422,
      "`temperature` must be strictly positive",
    ],
    [
      "a whole top_p",
      { inputs: "a", parameters: { top_p: 1 } },
      422,
      "`top_p` must be > 0.0 and < 1.0",
    ],
    [
      "five stops",
      { inputs: "a", parameters: { stop: ["a", "b", "c", "d", "e"] } },
      422,
      "supports up to 4 stop sequences",
    ],
    [
      "more than the window",
      { inputs: "a", parameters: { max_new_tokens: 40_000 } },
      422,
      "must be <= 32768",
    ],
    ["no object", "text", 400, "Failed to parse the request body as JSON"],
  ])("refuses %s", (_what, body, status, words) => {
    expect(refusal(tgi, body)).toEqual([status, expect.stringContaining(words)]);
  });
});
