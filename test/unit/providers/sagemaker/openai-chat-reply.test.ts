import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeFrameCollector, type ChatReply, type Frame } from "../../../../src/openai/index.ts";
import {
  ChunkReader,
  readCompletion,
} from "../../../../src/providers/sagemaker/openai-chat-reply.ts";

function collect(frames: readonly Frame[]): ChatReply {
  const collector = makeFrameCollector();
  for (const frame of frames) collector.add(frame);
  return collector.reply();
}

function readChunks(chunks: readonly object[]): Frame[] {
  const reader = new ChunkReader();
  const frames = chunks.flatMap((chunk) => reader.read(chunk));
  return [...frames, ...reader.ending()];
}

const delta = (told: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: told, finish_reason }],
});
const usage = {
  prompt_tokens: 12,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 4 },
};

const pieces = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }), {
  maxLength: 4,
});
const answer = fc.record({
  thoughts: pieces,
  said: pieces,
  calls: fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,5}$/),
      parts: fc.constantFrom([""], ["{}"], ['{"a"', ":1}"]),
    }),
    { maxLength: 3 },
  ),
  reason: fc.constantFrom("stop", "length", "tool_calls", "content_filter"),
  firstIndex: fc.constantFrom(0, 1),
});

describe("an OpenAI-compatible container's answer", () => {
  it("is the same whole and streamed", () => {
    fc.assert(
      fc.property(answer, ({ thoughts, said, calls, reason, firstIndex }) => {
        const toolCalls = calls.map(({ name, parts }, index) => ({
          id: `c${index}`,
          type: "function",
          function: { name, arguments: parts.join("") },
        }));
        const message = {
          role: "assistant",
          content: said.join("") || null,
          reasoning_content: thoughts.join(""),
          tool_calls: toolCalls,
        };
        const chunks = [
          delta({ role: "assistant", content: "" }),
          ...thoughts.map((text) => delta({ reasoning_content: text })),
          ...said.map((content) => delta({ content })),
          ...calls.flatMap(({ name, parts }, place) => {
            const index = place + firstIndex;
            const open = {
              index,
              id: `c${place}`,
              type: "function",
              function: { name, arguments: "" },
            };
            return [open, ...parts.map((text) => ({ index, function: { arguments: text } }))].map(
              (call) => delta({ tool_calls: [call] }),
            );
          }),
          delta({}, reason),
          { choices: [], usage },
        ];
        const whole = collect(
          readCompletion({ choices: [{ message, finish_reason: reason }], usage }),
        );
        expect(collect(readChunks(chunks))).toEqual(whole);
        expect(whole.text).toBe(said.join(""));
        expect(whole.toolCalls.map(({ name }) => name)).toEqual(calls.map(({ name }) => name));
        expect(whole.usage).toEqual({
          input: 8,
          output: 5,
          cacheRead: 4,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          reasoning: 0,
        });
      }),
    );
  });

  it.each<[string, object[], Frame[]]>([
    [
      "no reason but [DONE] ends with stop",
      [delta({ content: "a" })],
      [
        { type: "text", text: "a" },
        { type: "finish", reason: "stop" },
      ],
    ],
    [
      "a forced call that ends with stop ended with a call",
      [delta({ tool_calls: [{ id: "x", function: { name: "f", arguments: { a: 1 } } }] }, "stop")],
      [
        { type: "toolCall", index: 0, id: "x", name: "f" },
        { type: "toolArguments", index: 0, text: '{"a":1}' },
        { type: "finish", reason: "tool_calls" },
      ],
    ],
    [
      "what follows the reason is not part of it",
      [delta({ content: "a" }, "length"), delta({ content: "b" })],
      [
        { type: "text", text: "a" },
        { type: "finish", reason: "length" },
      ],
    ],
    [
      "a refusal is said like any text",
      [delta({ refusal: "No" }, "content_filter")],
      [
        { type: "text", text: "No" },
        { type: "finish", reason: "content_filter" },
      ],
    ],
    [
      "usage in the last chunk counts",
      [delta({ content: "a" }), { ...delta({}, "stop"), usage }],
      [
        { type: "text", text: "a" },
        { type: "finish", reason: "stop" },
        {
          type: "usage",
          usage: {
            input: 8,
            output: 5,
            cacheRead: 4,
            cacheWrite5m: 0,
            cacheWrite1h: 0,
            reasoning: 0,
          },
        },
      ],
    ],
  ])("is read so: %s", (_, chunks, frames) => {
    const reader = new ChunkReader();
    const read = chunks.flatMap((chunk) => reader.read(chunk));
    reader.markDone();
    expect([...read, ...reader.ending()]).toEqual(frames);
  });

  it("has no ending where neither a reason nor [DONE] came", () => {
    expect(readChunks([delta({ content: "half" })])).toEqual([{ type: "text", text: "half" }]);
  });

  it.each([
    ["no object", 5, "malformed_reply"],
    ["no choices", {}, "malformed_reply"],
    ["an error", { error: { message: "boom", code: 500 } }, "model_error"],
    [
      "an error that blames the request",
      { error: { message: "bad", type: "BadRequestError", code: 400 } },
      "model_refused",
    ],
    ["an older error", { object: "error", message: "bad", code: 400 }, "model_refused"],
    [
      "an error of length",
      { error: { message: "This model's maximum context length is 9 tokens", code: 400 } },
      "context_overflow",
    ],
    [
      "a TGI error",
      { error: "Input validation error: `stop`", error_type: "validation" },
      "model_refused",
    ],
    ["a TGI failure", { error: "CUDA out of memory", error_type: "generation" }, "model_error"],
  ])("is a failure when it is %s", (_, told, code) => {
    expect(() => readCompletion(told)).toThrow(expect.objectContaining({ code }));
    expect(() => new ChunkReader().read(told)).toThrow(expect.objectContaining({ code }));
  });
});
