import type { ContentBlock, ConverseResponse, StopReason } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { finishReason } from "../../../../src/providers/bedrock/finish-reason.ts";
import { ToolNames } from "../../../../src/providers/bedrock/tool-names.ts";
import { readUsage } from "../../../../src/providers/bedrock/usage.ts";
import { readReply } from "../../../../src/providers/bedrock/whole-reply.ts";

const response = (content: ContentBlock[], stopReason: StopReason): ConverseResponse => ({
  output: { message: { role: "assistant", content } },
  stopReason,
  usage: undefined,
  metrics: undefined,
});

const reading = { names: new ToolNames() };

describe("a whole answer of Converse", () => {
  it("joins texts and citations, and keeps thoughts and calls", () => {
    const reply = readReply(
      response(
        [
          { reasoningContent: { reasoningText: { text: "Hm", signature: "c2ln" } } },
          { reasoningContent: { redactedContent: Buffer.from("secret") } },
          { text: "One " },
          { citationsContent: { content: [{ text: "two" }], citations: [] } },
          { toolUse: { toolUseId: "a", name: "get", input: { city: "Oslo" } } },
          { toolUse: { toolUseId: "b", name: "get", input: undefined } },
        ],
        "tool_use",
      ),
      reading,
    );
    expect(reply).toEqual({
      text: "One two",
      reasoning: [
        { type: "thinking", thinking: "Hm", signature: "c2ln" },
        { type: "redacted_thinking", data: "c2VjcmV0" },
      ],
      toolCalls: [
        { id: "a", name: "get", arguments: '{"city":"Oslo"}' },
        { id: "b", name: "get", arguments: "{}" },
      ],
      finishReason: "tool_calls",
    });
  });

  it("unwraps the answer's own tool, beside other calls too", () => {
    const answer: ContentBlock = { toolUse: { toolUseId: "a", name: "answer", input: { n: 1 } } };
    const call: ContentBlock = { toolUse: { toolUseId: "b", name: "get", input: {} } };
    const alone = readReply(response([answer], "tool_use"), { ...reading, answerTool: "answer" });
    expect(alone).toMatchObject({ text: '{"n":1}', toolCalls: [], finishReason: "stop" });
    const both = readReply(response([answer, call], "tool_use"), {
      ...reading,
      answerTool: "answer",
    });
    expect(both).toMatchObject({ text: '{"n":1}', finishReason: "tool_calls" });
    expect(both.toolCalls).toHaveLength(1);
  });

  it("is an error where it says nothing and should have", () => {
    expect(() => readReply(response([], "end_turn"), reading)).toThrow("no answer");
    expect(() => readReply({ ...response([], "end_turn"), output: undefined }, reading)).toThrow(
      "no answer",
    );
    const usage = { inputTokens: 9, outputTokens: 4, totalTokens: 13 };
    expect(() => readReply({ ...response([], "end_turn"), usage }, reading)).toThrow(
      expect.objectContaining({
        code: "empty_reply",
        details: { usage: expect.objectContaining({ input: 9, output: 4 }) },
      }),
    );
    expect(readReply(response([], "stop_sequence"), reading).text).toBe("");
    expect(readReply(response([], "content_filtered"), reading).finishReason).toBe(
      "content_filter",
    );
  });
});

describe("the reason why an answer ends", () => {
  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["tool_use", "tool_calls"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["content_filtered", "content_filter"],
    ["guardrail_intervened", "content_filter"],
    ["something_new", "stop"],
  ])("%s is %s", (stopReason, reason) => {
    expect(finishReason(stopReason)).toBe(reason);
  });

  it.each(["malformed_model_output", "malformed_tool_use"])("%s is an error", (stopReason) => {
    expect(() => finishReason(stopReason)).toThrow(
      expect.objectContaining({ code: "malformed_reply", fallback: "ServerError" }),
    );
  });
});

describe("usage", () => {
  const base = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
  it.each([
    [{ cacheReadInputTokens: 7 }, { cacheRead: 7, cacheWrite5m: 0, cacheWrite1h: 0 }],
    [{ cacheWriteInputTokens: 9 }, { cacheRead: 0, cacheWrite5m: 9, cacheWrite1h: 0 }],
    [
      {
        cacheWriteInputTokens: 9,
        cacheDetails: [
          { ttl: "1h" as const, inputTokens: 4 },
          { ttl: "5m" as const, inputTokens: 5 },
        ],
      },
      { cacheRead: 0, cacheWrite5m: 5, cacheWrite1h: 4 },
    ],
    [
      { cacheWriteInputTokens: 3, cacheDetails: [{ ttl: "1h" as const, inputTokens: 4 }] },
      { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 3 },
    ],
  ])("tells writes apart by how long they last: %o", (told, expected) => {
    expect(readUsage({ ...base, ...told })).toEqual({
      input: 1,
      output: 2,
      reasoning: 0,
      ...expected,
    });
  });

  it("is absent where Bedrock tells none", () => {
    expect(readUsage(undefined)).toBeUndefined();
  });

  it.each([-5, 1e300, "7", null, {}])("is not believed where it counts %j tokens", (told) => {
    const usage = { inputTokens: 1, outputTokens: told, totalTokens: 2 } as never;
    expect(readUsage(usage)).toBeUndefined();
  });

  it("counts whole tokens, of which nothing odd is taken", () => {
    const usage = {
      inputTokens: 1.5,
      outputTokens: 2,
      totalTokens: 3,
      cacheReadInputTokens: "x",
      cacheWriteInputTokens: 9,
      cacheDetails: [null, { ttl: "1h", inputTokens: -4 }],
    } as never;
    expect(readUsage(usage)).toMatchObject({ input: 1, cacheRead: 0, cacheWrite5m: 9 });
  });
});

describe("an answer of other types than the SDK says", () => {
  const reading = { names: new ToolNames() };
  const text = (value: unknown) => [{ text: value }];
  const call = (toolUse: object) => [{ toolUse: { toolUseId: "a", name: "f", ...toolUse } }];
  it.each<[string, unknown]>([
    ["content that is no list", {}],
    ["a block that is nothing", [null]],
    ["a text that is none", text({ a: 1 })],
    ["a call's id that is no text", call({ toolUseId: 7 })],
    ["a call's name that is no text", call({ name: ["f"] })],
    ["a thought that is no text", [{ reasoningContent: { reasoningText: { text: 7 } } }]],
  ])("cannot be read: %s", (_, content) => {
    const response = { output: { message: { role: "assistant", content } } } as never;
    expect(() => readReply(response, reading)).toThrow(
      expect.objectContaining({ code: "malformed_reply" }),
    );
  });

  it("keeps the digits of numbers that JavaScript cannot hold", () => {
    class NumericValue {
      type = "bigDecimal";
      string = "0.12345678901234567890123";
    }
    const input = { id: 12_345_678_901_234_567_890n, share: new NumericValue() };
    const content = call({ input });
    const response = {
      output: { message: { role: "assistant", content } },
      stopReason: "tool_use",
    } as never;
    expect(readReply(response, reading).toolCalls[0]?.arguments).toBe(
      '{"id":12345678901234567890,"share":0.12345678901234567890123}',
    );
  });
});
