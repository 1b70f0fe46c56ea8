import fc from "fast-check";
import { APIError } from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { Stream } from "openai/streaming";
import { describe, expect, it } from "vitest";
import {
  collectFrames,
  completionBody,
  errorEvent,
  makeChunkEncoder,
  type CompletionBody,
  type Frame,
  type Usage,
} from "../../../src/openai/index.ts";
import { arbitraryFrames } from "./arbitrary-frames.ts";

const identity = { id: "chatcmpl-1", created: 1_700_000_000, model: "m" };
const usage: Usage = {
  input: 3,
  output: 5,
  cacheRead: 7,
  cacheWrite5m: 11,
  cacheWrite1h: 13,
  reasoning: 2,
};

function encodeAll(frames: readonly Frame[], includeUsage = true): string {
  const encoder = makeChunkEncoder({ ...identity, includeUsage });
  const counted = frames.find((frame) => frame.type === "usage")?.usage;
  return frames.map((frame) => encoder.encode(frame)).join("") + encoder.end(counted);
}

/** Read by OpenAI's own client. */
async function readChunks(text: string): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  const stream = Stream.fromSSEResponse<ChatCompletionChunk>(
    new Response(text),
    new AbortController(),
  );
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

type Delta = ChatCompletionChunk.Choice.Delta & {
  reasoning_content?: string;
  thinking_blocks?: object[];
};

/** Adds up chunks as clients do, into a whole answer. */
function addUp(chunks: readonly ChatCompletionChunk[]): unknown {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const deltas: Delta[] = choices.map((choice) => choice.delta);
  const content = deltas.map((delta) => delta.content ?? "").join("");
  const thoughts = deltas.map((delta) => delta.reasoning_content ?? "").join("");
  const blocks = deltas.flatMap((delta) => delta.thinking_blocks ?? []);
  const calls = addUpCalls(deltas);
  const message = {
    role: deltas[0]?.role,
    content: calls.length > 0 && content === "" ? null : content,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(thoughts === "" ? {} : { reasoning_content: thoughts }),
    ...(blocks.length > 0 ? { thinking_blocks: blocks } : {}),
  };
  const finish = choices.at(-1)?.finish_reason;
  return {
    ...identity,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage: chunks.at(-1)?.usage,
  };
}

function addUpCalls(deltas: readonly Delta[]): unknown[] {
  const pieces = deltas.flatMap((delta) => delta.tool_calls ?? []);
  return pieces
    .filter((piece) => piece.id !== undefined)
    .map(({ index, id, type, function: opened }) => {
      const own = pieces.filter((piece) => piece.index === index);
      const text = own.map((piece) => piece.function?.arguments ?? "").join("");
      return { id, type, function: { name: opened?.name, arguments: text } };
    });
}

describe("a streamed answer", () => {
  it("adds up to the whole answer of the same frames", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFrames, async (frames) => {
        const reply = await collectFrames(frames);
        const whole: CompletionBody = completionBody({ ...identity, reply, usage: reply.usage });
        expect(addUp(await readChunks(encodeAll(frames)))).toEqual(whole);
      }),
    );
  });

  it("opens with the role, closes with the finish reason, and then [DONE]", () => {
    expect(
      encodeAll(
        [
          { type: "text", text: "hi" },
          { type: "finish", reason: "stop" },
        ],
        false,
      ),
    ).toBe(
      [
        `{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null`,
        `{"content":"hi"},"logprobs":null,"finish_reason":null`,
        `{},"logprobs":null,"finish_reason":"stop"`,
      ]
        .map(
          (rest) =>
            `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":${rest}}]}\n\n`,
        )
        .join("") + "data: [DONE]\n\n",
    );
  });

  it("tells usage in a last chunk without choices, only where it was asked for", async () => {
    const frames: Frame[] = [
      { type: "text", text: "hi" },
      { type: "finish", reason: "stop" },
      { type: "usage", usage },
    ];
    const asked = await readChunks(encodeAll(frames, true));
    expect(asked.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 34,
        completion_tokens: 5,
        total_tokens: 39,
        prompt_tokens_details: { cached_tokens: 7, cache_write_tokens: 24 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
    expect(asked.slice(0, -1).map((chunk) => chunk.usage)).toEqual([null, null, null]);
    const unasked = await readChunks(encodeAll(frames, false));
    expect(unasked.filter((chunk) => "usage" in chunk)).toEqual([]);
  });

  it("tells the whole reasoning block with its signature, so that clients can replay it", async () => {
    const frames: Frame[] = [
      { type: "reasoning", text: "let me " },
      { type: "reasoning", text: "think" },
      { type: "reasoningSignature", signature: "c2ln" },
      { type: "finish", reason: "stop" },
    ];
    const chunks = await readChunks(encodeAll(frames));
    expect(chunks.at(-2)?.choices[0]?.delta).toEqual({
      thinking_blocks: [{ type: "thinking", thinking: "let me think", signature: "c2ln" }],
    });
  });

  it("is raised as an error by the client when it breaks, with what was said before", async () => {
    const encoder = makeChunkEncoder({ ...identity, includeUsage: false });
    const said = encoder.encode({ type: "text", text: "half" });
    const failure = errorEvent({
      message: "The stream broke",
      type: "server_error",
      code: "server_error",
    });
    const seen: unknown[] = [];
    const stream = Stream.fromSSEResponse<ChatCompletionChunk>(
      new Response(said + failure),
      new AbortController(),
    );
    const reading = (async () => {
      for await (const chunk of stream) seen.push(chunk.choices[0]?.delta.content);
    })();
    await expect(reading).rejects.toThrow(APIError);
    await expect(reading).rejects.toMatchObject({ code: "server_error", type: "server_error" });
    expect(seen).toEqual(["", "half"]);
    expect(failure).not.toContain("[DONE]");
  });
});

describe("frames added up", () => {
  it("are refused where the terminal frame is missing", async () => {
    await expect(collectFrames([{ type: "text", text: "half" }])).rejects.toThrow(RangeError);
  });
});
