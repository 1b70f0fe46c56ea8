import { describe, expect, it } from "vitest";
import {
  ApiError,
  completionBody,
  embeddingsBody,
  errorBody,
  modelsBody,
} from "../../../src/openai/index.ts";

const identity = { id: "chatcmpl-1", created: 1, model: "m" };
const usage = { input: 4, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };

describe("the body of a whole answer", () => {
  it("has no content where the model only called tools", () => {
    const toolCalls = [{ id: "call_1", name: "look", arguments: "{}" }];
    const reply = { text: "", reasoning: [], toolCalls, finishReason: "tool_calls" as const };
    expect(completionBody({ ...identity, reply }).choices[0].message).toEqual({
      role: "assistant",
      content: null,
      refusal: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }],
    });
  });

  it("offers for replay only the reasoning that a provider would accept", () => {
    const signed = { type: "thinking" as const, thinking: "a", signature: "s" };
    const unsigned = { type: "thinking" as const, thinking: "b" };
    const reply = {
      text: "x",
      reasoning: [signed, unsigned],
      toolCalls: [],
      finishReason: "stop" as const,
    };
    expect(completionBody({ ...identity, reply }).choices[0].message).toMatchObject({
      reasoning_content: "ab",
      thinking_blocks: [signed],
    });
  });
});

describe("the body of embeddings", () => {
  const vectors = [
    [0.5, -1.25],
    [3, 0],
  ];

  it("holds plain numbers by default", () => {
    expect(embeddingsBody({ model: "m", vectors, usage, encoding: undefined })).toEqual({
      object: "list",
      model: "m",
      data: [
        { object: "embedding", index: 0, embedding: [0.5, -1.25] },
        { object: "embedding", index: 1, embedding: [3, 0] },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  it("holds little-endian floats in base64 where asked for", () => {
    const body = embeddingsBody({ model: "m", vectors, usage, encoding: "base64" });
    const decoded = body.data.map(({ embedding }) => {
      const bytes = Uint8Array.from(Buffer.from(embedding as string, "base64"));
      return [...new Float32Array(bytes.buffer)];
    });
    expect(decoded).toEqual(vectors);
  });
});

describe("the list of models", () => {
  it("gives whole seconds", () => {
    expect(modelsBody([{ id: "m", createdAt: 1_999 }])).toEqual({
      object: "list",
      data: [{ id: "m", object: "model", created: 1, owned_by: "switchyard" }],
    });
  });
});

describe("the body of an error", () => {
  it("has OpenAI's four members, and the attempts where there were any", () => {
    const attempts = [{ backend: "b", code: "throttled", message: "Too many requests" }];
    const error = new ApiError("no_candidate", "None fits", { attempts, param: "model" });
    expect(errorBody(error)).toEqual({
      error: {
        message: "None fits",
        type: "invalid_request_error",
        param: "model",
        code: "no_candidate",
        attempts,
      },
    });
    expect(errorBody(new ApiError("not_found", "Nothing here"))).toEqual({
      error: {
        message: "Nothing here",
        type: "invalid_request_error",
        param: null,
        code: "not_found",
      },
    });
  });
});
