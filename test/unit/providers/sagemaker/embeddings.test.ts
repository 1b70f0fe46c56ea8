import { describe, expect, it } from "vitest";
import { embeddingsBody, readEmbeddings } from "../../../../src/providers/sagemaker/embeddings.ts";

const request = { model: "m", input: ["a", "b"] };
const item = (index: number, embedding: unknown) => ({ object: "embedding", index, embedding });

describe("embeddings of a container", () => {
  it("are asked for as plain numbers", () => {
    const asked = { ...request, dimensions: 8, encoding_format: "base64" as const, user: "u" };
    expect(embeddingsBody(asked)).toEqual({ input: ["a", "b"], dimensions: 8 });
  });

  it("come in the order of the inputs", () => {
    const data = [item(1, [3, 4]), item(0, [1, 2])];
    expect(readEmbeddings(request, { data, usage: { prompt_tokens: 5 } })).toEqual({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      usage: { input: 5, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 },
    });
  });

  it.each([
    ["one too few", [item(0, [1])]],
    ["an index twice", [item(0, [1]), item(0, [2])]],
    ["an index beyond", [item(0, [1]), item(5, [2])]],
    ["uneven vectors", [item(0, [1]), item(1, [1, 2])]],
    ["empty vectors", [item(0, []), item(1, [])]],
    ["texts for numbers", [item(0, ["1"]), item(1, ["2"])]],
    ["base64", [item(0, "AA=="), item(1, "AA==")]],
    ["nothing", undefined],
  ])("are malformed given %s", (_, data) => {
    expect(() => readEmbeddings(request, { data })).toThrow(
      expect.objectContaining({ code: "malformed_reply" }),
    );
  });
});
