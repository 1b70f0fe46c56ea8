import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { openAiClient } from "../../support/openai-client.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

type Messages = OpenAI.ChatCompletionMessageParam[];
type Call = OpenAI.ChatCompletionMessageToolCall;
type Asked = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "model" | "stream">;

const names = ["sonnet", "lite", "llama", "gpt-oss", "container"] as const;

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather of a city",
      parameters: {
        type: "object",
        properties: { city: { type: "string" }, days: { type: "integer" } },
        required: ["city"],
      },
    },
  },
  { type: "function", function: { name: "get_traffic", description: "The traffic of a city" } },
];

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      ...names.map((name) => backendOf(name)),
      ...names.map((name) => routeOf(name, [name])),
    ],
  });
  client = openAiClient(local);
});

afterAll(async () => local.stop());

/** One answer, put together from a stream by the client's helper or taken whole. */
async function ask(model: string, streamed: boolean, asked: Asked) {
  const completion = streamed
    ? await client.chat.completions.stream({ model, ...asked }).finalChatCompletion()
    : await client.chat.completions.create({ model, ...asked });
  return completion.choices[0]!;
}

const functionsOf = (calls: readonly Call[] | undefined) =>
  (calls ?? []).map((call) => {
    if (call.type !== "function") throw new Error(`A call of type ${call.type} came`);
    return { name: call.function.name, input: JSON.parse(call.function.arguments) as unknown };
  });

const question = "What is the weather in Oslo, and how is the traffic?";

describe.each(names.flatMap((name) => [[name, false] as const, [name, true] as const]))(
  "tools offered to %s (streamed: %s)",
  (model, streamed) => {
    it("are called in parallel, and their results are taken in the next turn and the one after", async () => {
      const messages: Messages = [{ role: "user", content: question }];
      const first = await ask(model, streamed, { messages, tools });
      expect(first.finish_reason).toBe("tool_calls");
      const calls = first.message.tool_calls ?? [];
      expect(functionsOf(calls)).toEqual([
        { name: "get_weather", input: expect.objectContaining({ city: expect.any(String) }) },
        { name: "get_traffic", input: {} },
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);

      messages.push(first.message);
      for (const call of calls.toReversed()) {
        const content = `result of ${call.id}`;
        messages.push({ role: "tool", tool_call_id: call.id, content });
      }
      const second = await ask(model, streamed, { messages, tools });
      expect(second.finish_reason).toBe("stop");
      for (const { id } of calls) expect(second.message.content).toContain(`result of ${id}`);

      messages.push(second.message, { role: "user", content: "And the weather in Rome?" });
      const third = await ask(model, streamed, { messages, tools });
      expect(functionsOf(third.message.tool_calls).map(({ name }) => name)).toEqual([
        "get_weather",
      ]);
    });

    it("may be answered under ids of another vendor's making", async () => {
      const ids = ["functions.get_weather:0", `call/äöü ${"x".repeat(80)}`];
      const messages: Messages = [
        { role: "user", content: question },
        {
          role: "assistant",
          content: null,
          tool_calls: ids.map((id, index) => ({
            id,
            type: "function" as const,
            function: { name: index === 0 ? "get_weather" : "get_traffic", arguments: "" },
          })),
        },
        { role: "tool", tool_call_id: ids[1]!, content: "no jams" },
        { role: "tool", tool_call_id: ids[0]!, content: [{ type: "text", text: "sunny" }] },
      ];
      const { message, finish_reason } = await ask(model, streamed, { messages, tools });
      expect(finish_reason).toBe("stop");
      expect(message.content).toContain("sunny");
      expect(message.content).toContain("no jams");
    });
  },
);

// Bedrock lets a caller force a tool of Claude and Nova only.
describe.each(["sonnet", "lite", "container"])("a forced call of %s", (model) => {
  it("is a call of the one tool that was named", async () => {
    const { message, finish_reason } = await ask(model, false, {
      messages: [{ role: "user", content: "Good morning" }],
      tools,
      tool_choice: { type: "function", function: { name: "get_traffic" } },
    });
    expect(functionsOf(message.tool_calls)).toEqual([{ name: "get_traffic", input: {} }]);
    expect(finish_reason).toBe("tool_calls");
  });
});

describe.each(names)("the choice of tools for %s", (model) => {
  it("may forbid all calls", async () => {
    const { message, finish_reason } = await ask(model, false, {
      messages: [{ role: "user", content: question }],
      tools,
      tool_choice: "none",
    });
    expect(message.tool_calls ?? []).toEqual([]);
    expect(message.content).toBeTruthy();
    expect(finish_reason).toBe("stop");
  });
});

describe("names that Bedrock refuses", () => {
  it.each([false, true])("reach the client as it wrote them (streamed: %s)", async (streamed) => {
    const name = "weather.of-a city/now";
    const { message } = await ask("sonnet", streamed, {
      messages: [{ role: "user", content: `use a tool: ${name}` }],
      tools: [{ type: "function", function: { name, description: "Weather" } }],
    });
    expect(functionsOf(message.tool_calls).map((call) => call.name)).toEqual([name]);
  });
});

describe("the client's own loop over tools", () => {
  it("runs the functions and gets the final answer", async () => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model: "sonnet",
      messages: [{ role: "user", content: "What is the weather in Oslo?" }],
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "The weather of a city",
            parameters: { type: "object", properties: { city: { type: "string" } } },
            parse: JSON.parse,
            function: (input: unknown) => {
              asked.push(input);
              return "snow";
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain("snow");
    expect(asked).toHaveLength(1);
  });
});
