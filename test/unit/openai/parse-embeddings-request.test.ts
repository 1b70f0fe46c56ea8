import { describe, expect, it } from "vitest";
import { parseEmbeddingsRequest } from "../../../src/openai/index.ts";

const tokens =
  "must be text: token ids mean nothing without the tokenizer of one model (in LangChain, set check_embedding_ctx_length=False)";

describe("an embeddings request", () => {
  it.each([
    ["one text", { model: "m", input: "a" }, { model: "m", input: ["a"] }],
    ["texts", { model: "m", input: ["a", "b"] }, { model: "m", input: ["a", "b"] }],
    ["nulls", { model: "m", input: "a", dimensions: null }, { model: "m", input: ["a"] }],
    [
      "everything",
      { model: "m", input: "a", dimensions: 256, encoding_format: "base64", user: "u" },
      { model: "m", input: ["a"], dimensions: 256, encoding_format: "base64", user: "u" },
    ],
  ])("may hold %s", (_, body, value) => {
    expect(parseEmbeddingsRequest(body)).toEqual({ ok: true, value });
  });

  it.each([
    ["no input", { model: "m" }, "input", "input is required"],
    ["an empty text", { model: "m", input: "" }, "input", "input must be a text that is not empty"],
    [
      "an empty text among others",
      { model: "m", input: ["a", ""] },
      "input[1]",
      "input[1] must be a text that is not empty",
    ],
    ["no texts", { model: "m", input: [] }, "input", "input must be an array of at least 1 item"],
    [
      "too many texts",
      { model: "m", input: Array(2_049).fill("a") },
      "input",
      "input must be an array of at most 2048 items",
    ],
    ["token ids", { model: "m", input: [1, 2] }, "input[0]", `input[0] ${tokens}`],
    ["lists of token ids", { model: "m", input: [[1], [2]] }, "input[0]", `input[0] ${tokens}`],
    [
      "an unknown encoding",
      { model: "m", input: "a", encoding_format: "hex" },
      "encoding_format",
      'encoding_format must be one of "float", "base64"',
    ],
    [
      "no dimensions",
      { model: "m", input: "a", dimensions: 0 },
      "dimensions",
      "dimensions must be at least 1",
    ],
  ])("is refused by name, given %s", (_, body, param, message) => {
    expect(parseEmbeddingsRequest(body)).toMatchObject({
      ok: false,
      error: { code: "invalid_request_error", status: 400, param, message },
    });
  });
});
