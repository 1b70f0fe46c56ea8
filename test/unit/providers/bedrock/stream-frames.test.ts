import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../../../src/openai/index.ts";
import { StreamReader } from "../../../../src/providers/bedrock/stream-frames.ts";
import { ToolNames } from "../../../../src/providers/bedrock/tool-names.ts";
import type { CallFacts } from "../../../../src/providers/contract.ts";
import { ProviderError } from "../../../../src/providers/index.ts";

const usage = { inputTokens: 3, outputTokens: 5, totalTokens: 8 };
const metadata: ConverseStreamOutput = { metadata: { usage, metrics: { latencyMs: 42 } } };
const stopBy = (stopReason: string): ConverseStreamOutput => ({
  messageStop: { stopReason: stopReason as "end_turn" },
});
const text = (contentBlockIndex: number, said: string): ConverseStreamOutput => ({
  contentBlockDelta: { contentBlockIndex, delta: { text: said } },
});
const opens = (contentBlockIndex: number, name: string): ConverseStreamOutput => ({
  contentBlockStart: {
    contentBlockIndex,
    start: { toolUse: { toolUseId: `id${contentBlockIndex}`, name } },
  },
});
const input = (contentBlockIndex: number, part: string): ConverseStreamOutput => ({
  contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input: part } } },
});
const closes = (contentBlockIndex: number): ConverseStreamOutput => ({
  contentBlockStop: { contentBlockIndex },
});
const starts: ConverseStreamOutput = { messageStart: { role: "assistant" } };

function read(
  events: readonly ConverseStreamOutput[],
  answerTool?: string,
): { frames: Frame[]; facts: CallFacts } {
  const facts: CallFacts = {};
  const names = new ToolNames();
  names.toWire("get weather");
  const reading = answerTool === undefined ? { names } : { names, answerTool };
  const reader = new StreamReader(reading, facts);
  const frames = events.flatMap((event) => reader.read(event));
  reader.end();
  return { frames, facts };
}

function codeOf(events: readonly ConverseStreamOutput[]): string | undefined {
  try {
    read(events);
    return undefined;
  } catch (error) {
    return error instanceof ProviderError ? error.code : String(error);
  }
}

const finish = (reason: string) => [
  { type: "finish", reason },
  {
    type: "usage",
    usage: { input: 3, output: 5, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 },
  },
];

describe("a stream of Converse", () => {
  it("gives text whose block was never opened, and ends with its usage", () => {
    const { frames, facts } = read([
      starts,
      text(0, "Hel"),
      text(0, ""),
      text(0, "lo"),
      closes(0),
      stopBy("end_turn"),
      metadata,
    ]);
    expect(frames).toEqual([
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
      ...finish("stop"),
    ]);
    expect(facts).toEqual({ latencyMs: 42 });
  });

  it("counts calls from nought whatever blocks stand between, even where they interleave", () => {
    const { frames } = read([
      starts,
      text(0, "Let me see."),
      opens(1, "a"),
      opens(3, "b"),
      input(3, '{"b":'),
      input(1, '{"a":'),
      input(3, "1}"),
      input(1, "1}"),
      closes(1),
      closes(3),
      stopBy("tool_use"),
      metadata,
    ]);
    expect(frames.slice(1, -2)).toEqual([
      { type: "toolCall", index: 0, id: "id1", name: "a" },
      { type: "toolCall", index: 1, id: "id3", name: "b" },
      { type: "toolArguments", index: 1, text: '{"b":' },
      { type: "toolArguments", index: 0, text: '{"a":' },
      { type: "toolArguments", index: 1, text: "1}" },
      { type: "toolArguments", index: 0, text: "1}" },
    ]);
    expect(frames.at(-2)).toEqual({ type: "finish", reason: "tool_calls" });
  });

  it("gives an empty object for a call without input, and the client's own name", () => {
    const { frames } = read([
      opens(0, new ToolNames().toWire("get weather")),
      input(0, ""),
      closes(0),
      stopBy("tool_use"),
      metadata,
    ]);
    expect(frames.slice(0, 2)).toEqual([
      { type: "toolCall", index: 0, id: "id0", name: "get weather" },
      { type: "toolArguments", index: 0, text: "{}" },
    ]);
  });

  it("gives thoughts, their signature and what is redacted byte for byte", () => {
    const thought = (
      delta: NonNullable<NonNullable<ConverseStreamOutput["contentBlockDelta"]>["delta"]>,
    ): ConverseStreamOutput => ({ contentBlockDelta: { contentBlockIndex: 0, delta } });
    const { frames } = read([
      thought({ reasoningContent: { text: "Hm" } }),
      thought({ reasoningContent: { signature: "c2ln+/=" } }),
      thought({ reasoningContent: { redactedContent: Buffer.from("secret") } }),
      text(1, "So."),
      stopBy("end_turn"),
      metadata,
    ]);
    expect(frames.slice(0, 3)).toEqual([
      { type: "reasoning", text: "Hm" },
      { type: "reasoningSignature", signature: "c2ln+/=" },
      { type: "redactedReasoning", data: "c2VjcmV0" },
    ]);
  });

  it("tells the input of the answer's own tool as text, and no call", () => {
    const events = [opens(0, "answer"), input(0, '{"a":'), input(0, "1}"), closes(0)];
    const { frames } = read([...events, stopBy("tool_use"), metadata], "answer");
    expect(frames).toEqual([
      { type: "text", text: '{"a":' },
      { type: "text", text: "1}" },
      ...finish("stop"),
    ]);
  });

  it("overlooks events and deltas that it does not know", () => {
    const unknown = { $unknown: ["later", {}] } as unknown as ConverseStreamOutput;
    const strange: ConverseStreamOutput = {
      contentBlockDelta: { contentBlockIndex: 0, delta: { citation: { title: "x" } } },
    };
    const { frames } = read([unknown, strange, text(0, "x"), stopBy("end_turn"), metadata]);
    expect(frames[0]).toEqual({ type: "text", text: "x" });
  });

  it("says of an answer without a word what it used", () => {
    expect(() => read([starts, stopBy("end_turn"), metadata])).toThrow(
      expect.objectContaining({
        details: { usage: expect.objectContaining({ input: 3, output: 5 }) },
      }),
    );
  });

  it.each([
    ["nothing at all", [], "stream_broken"],
    ["no reason to stop", [text(0, "x"), metadata], "stream_broken"],
    ["no usage", [text(0, "x"), stopBy("end_turn")], "stream_broken"],
    ["a turn without a word", [starts, stopBy("end_turn"), metadata], "empty_reply"],
    ["a stop sequence at once", [starts, stopBy("stop_sequence"), metadata], undefined],
    ["a filter at once", [starts, stopBy("guardrail_intervened"), metadata], undefined],
    ["input without a call", [input(0, "{}")], "malformed_reply"],
    ["malformed output", [text(0, "x"), stopBy("malformed_model_output")], "malformed_reply"],
    ["a malformed call", [stopBy("malformed_tool_use"), metadata], "malformed_reply"],
  ])("with %s", (_name, events, code) => {
    expect(codeOf(events)).toBe(code);
  });
});
