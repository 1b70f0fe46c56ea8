import { expect } from "vitest";
import type { ChatReply, Frame } from "../../../../src/openai/index.ts";
import { asMessage, functionTool, type Harness } from "./harness.ts";

const weather = functionTool("get_weather", { city: { type: "string" } });
const clock = functionTool("get_time", { zone: { type: "string" } });
const user = (content: string) => ({ role: "user", content });
const result = (id: string | undefined, content: string) => ({
  role: "tool",
  tool_call_id: id ?? "",
  content,
});

function onlyCall(reply: ChatReply): ChatReply["toolCalls"][number] {
  const [call, ...others] = reply.toolCalls;
  if (call === undefined || others.length > 0) throw new Error("Not one call");
  return call;
}

/** Tools: what is called, and how a conversation goes on from there. */
export function tools(harness: Harness): void {
  const { ways } = harness;

  harness.test("calls a tool with arguments that are an object", "tools", async () => {
    for (const [, ask] of ways) {
      const messages = [user("What is the weather in Oslo?")];
      const reply = await ask({ messages, tools: [weather] }, { role: "tools" });
      expect(reply.finishReason).toBe("tool_calls");
      const { id, name, arguments: text } = onlyCall(reply);
      expect(name).toBe("get_weather");
      expect(id).not.toBe("");
      expect(JSON.parse(text)).toEqual({ city: expect.any(String) as string });
    }
  });

  for (const [way, ask] of ways) {
    harness.test(`goes on from tool results over several turns, ${way}`, "tools", async () => {
      const asking = { role: "tools" } as const;
      const messages: unknown[] = [user("What is the weather in Oslo?")];
      for (const [city, told] of [
        ["Rome", "12 degrees"],
        ["Kyiv", "20 degrees"],
      ] as const) {
        const called = await ask({ messages, tools: [weather, clock] }, asking);
        messages.push(asMessage(called), result(onlyCall(called).id, told));
        const answer = await ask({ messages, tools: [weather, clock] }, asking);
        expect(answer).toMatchObject({ finishReason: "stop", toolCalls: [] });
        expect(answer.text).toContain(told);
        messages.push(asMessage(answer), user(`And what is the weather in ${city}?`));
      }
    });
  }

  harness.test(
    "calls tools in parallel, and takes their results in any order",
    "tools",
    async () => {
      for (const [, ask] of ways) {
        const body = { tools: [weather, clock] };
        const messages: unknown[] = [user("Tell me the weather and the time in Oslo.")];
        const called = await ask({ ...body, messages }, { role: "tools" });
        expect(called.toolCalls.map(({ name }) => name)).toEqual(["get_weather", "get_time"]);
        const [first, second] = called.toolCalls;
        expect(first?.id).not.toBe(second?.id);
        messages.push(asMessage(called), result(second?.id, "10:15"), result(first?.id, "rain"));
        const { text } = await ask({ ...body, messages }, { role: "tools" });
        expect(text).toContain("10:15");
        expect(text).toContain("rain");
      }
    },
  );

  harness.test(
    "counts streamed calls from nought, each opened before its arguments",
    "tools",
    async () => {
      const messages = [user("Tell me the weather and the time in Oslo.")];
      const call = harness.call({ messages, tools: [weather, clock] }, { role: "tools" });
      const { frames } = await harness.provider.streamChat(call);
      const open: number[] = [];
      for (const frame of await Array.fromAsync(frames)) noteCall(frame, open);
      expect(open).toEqual([0, 1]);
    },
  );

  harness.test("calls one tool at a time where it is told so", "tools", async () => {
    const messages = [user("Tell me the weather and the time in Oslo.")];
    const body = { messages, tools: [weather, clock], parallel_tool_calls: false };
    const reply = await harness.whole(body, { role: "tools" });
    expect(reply.toolCalls).toHaveLength(1);
  });

  harness.test(
    "calls what it is told to call, and nothing where it is told not to",
    "tools",
    async () => {
      const body = { messages: [user("Hello there.")], tools: [weather, clock] };
      for (const [, ask] of ways) {
        const required = await ask({ ...body, tool_choice: "required" }, { role: "tools" });
        expect(required.toolCalls.length).toBeGreaterThan(0);
        const choice = { type: "function", function: { name: "get_time" } } as const;
        const named = await ask({ ...body, tool_choice: choice }, { role: "tools" });
        expect(onlyCall(named).name).toBe("get_time");
        const messages = [user("What is the weather in Oslo?")];
        const none = await ask({ ...body, messages, tool_choice: "none" }, { role: "tools" });
        expect(none).toMatchObject({ toolCalls: [], finishReason: "stop" });
      }
    },
  );

  harness.test(
    "answers without a further call where it is told so after one",
    "tools",
    async () => {
      const messages: unknown[] = [user("What is the weather in Oslo?")];
      const called = await harness.whole({ messages, tools: [weather] }, { role: "tools" });
      messages.push(
        asMessage(called),
        result(onlyCall(called).id, "rain"),
        user("And the weather in Rome?"),
      );
      const body = { messages, tools: [weather], tool_choice: "none" } as const;
      const reply = await harness.whole(body, { role: "tools" });
      expect(reply).toMatchObject({ toolCalls: [], finishReason: "stop" });
    },
  );

  harness.test("gives an empty object for a tool without parameters", "tools", async () => {
    const ping = { type: "function" as const, function: { name: "ping" } };
    for (const [, ask] of ways) {
      const reply = await ask(
        { messages: [user("Please ping.")], tools: [ping] },
        { role: "tools" },
      );
      expect(JSON.parse(onlyCall(reply).arguments)).toEqual({});
    }
  });

  harness.test(
    "calls a tool by the client's name, however odd, over its turns",
    "tools",
    async () => {
      const odd = functionTool(`weather.look up/${"long ".repeat(14)}`, {
        city: { type: "string" },
      });
      for (const [, ask] of ways) {
        const messages: unknown[] = [user("What is the weather in Oslo?")];
        const body = { tools: [odd], tool_choice: "auto" } as const;
        const choice = { type: "function", function: { name: odd.function.name } } as const;
        const called = await ask({ ...body, messages, tool_choice: choice }, { role: "tools" });
        const { name, id } = onlyCall(called);
        expect(name).toBe(odd.function.name);
        messages.push(asMessage(called), result(id, "rain"));
        expect((await ask({ ...body, messages }, { role: "tools" })).text).toContain("rain");
      }
    },
  );

  harness.test("goes on from a conversation with another model's calls", "tools", async () => {
    const foreign = `call ${"ü".repeat(70)}`;
    const call = (id: string) => ({
      id,
      type: "function",
      function: { name: "get_weather", arguments: "" },
    });
    const messages = [
      user("What is the weather in Oslo?"),
      { role: "assistant", content: null, tool_calls: [call(foreign), call("call_unanswered")] },
      result(foreign, "old"),
      result(foreign, "rain"),
    ];
    for (const [, ask] of ways) {
      const reply = await ask({ messages, tools: [weather] }, { role: "tools" });
      expect(reply.text).toContain("rain");
      expect(reply.finishReason).toBe("stop");
    }
  });
}

function noteCall(frame: Frame, open: number[]): void {
  if (frame.type === "toolCall") {
    expect(frame.index).toBe(open.length);
    open.push(frame.index);
  } else if (frame.type === "toolArguments") expect(open).toContain(frame.index);
}
