import { describe, expect, test } from "vitest";

import { AwsError } from "../../../src/simulators/aws-error.ts";
import { invokeEmbeddings } from "../../../src/simulators/bedrock/embeddings.ts";
import { embedText, toBits, toInt8 } from "../../../src/simulators/mind/vectors.ts";
import { newCall } from "./new-call.ts";

const titan = "amazon.titan-embed-text-v2:0";
const cohere = "cohere.embed-english-v3";

function invoke(
  modelId: string,
  body: unknown,
): { reply: Record<string, never>; headers: Record<string, string> } {
  const plan = invokeEmbeddings(newCall(modelId, body));
  if (plan.type !== "whole") throw new Error("Embeddings are whole");
  return {
    reply: JSON.parse(plan.body.toString()) as Record<string, never>,
    headers: plan.headers,
  };
}

function refusal(modelId: string, body: unknown): string {
  try {
    invoke(modelId, body);
    return "accepted";
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

const dot = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

describe("vectors", () => {
  const embed = (text: string, dimensions = 256) => embedText(1, titan, text, dimensions);

  test("have the length one, and are the same for the same text", () => {
    expect(dot(embed("a boat"), embed("a boat"))).toBeCloseTo(1, 5);
  });

  test("are the nearer the more words two texts share", () => {
    const near = dot(embed("the boat on the lake", 1024), embed("a boat on a lake", 1024));
    const far = dot(embed("the boat on the lake", 1024), embed("tax law reform", 1024));
    expect(near).toBeGreaterThan(0.4);
    expect(Math.abs(far)).toBeLessThan(0.2);
  });

  test("keep their direction as bytes and their signs as bits", () => {
    const vector = [0.5, -1, 0.25, 0, 0, 0, 0, 0.1, -0.2];
    expect(toInt8(vector)).toEqual([64, -127, 32, 0, 0, 0, 0, 13, -25]);
    expect(toBits(vector)).toEqual([0b10100001, 0]);
  });
});

describe("Titan", () => {
  test("gives the floats twice, the tokens in body and header", () => {
    const { reply, headers } = invoke(titan, { inputText: "a boat", dimensions: 256 });
    expect(reply["embedding"]).toEqual(reply["embeddingsByType"]?.["float"]);
    expect(reply).toMatchObject({ inputTextTokenCount: 2 });
    expect(headers).toMatchObject({ "x-amzn-bedrock-input-token-count": "2" });
  });

  test("gives a longer vector where it is not to be normalised", () => {
    const { reply } = invoke(titan, { inputText: "a boat", normalize: false });
    expect(Math.sqrt(dot(reply["embedding"] as never, reply["embedding"] as never))).toBeCloseTo(
      17.5,
      3,
    );
  });

  test("leaves out the floats where only bits are wanted", () => {
    const { reply } = invoke(titan, { inputText: "a boat", embeddingTypes: ["binary"] });
    expect(Object.keys(reply)).toEqual(["embeddingsByType", "inputTextTokenCount"]);
    expect(new Set(reply["embeddingsByType"]?.["binary"])).toEqual(new Set([0, 1]));
  });

  test.each<[unknown, string]>([
    [{}, "#: required key [inputText] not found"],
    [{ inputText: "" }, "#/inputText: expected minimum length: 1, found: 0"],
    [{ inputText: ["a"] }, "#/inputText: expected type: string, found: array"],
    [{ inputText: "a", dimensions: 300 }, "#/dimensions: 300 is not a valid enum value"],
    [{ inputText: "a", model: "x" }, "#: extraneous key [model] is not permitted"],
    [
      { inputText: "a", embeddingTypes: ["int8"] },
      "#/embeddingTypes/0: int8 is not a valid enum value",
    ],
    [
      { inputText: "a ".repeat(8193) },
      "Too many input tokens. Max input tokens: 8192, request input token count: 8193",
    ],
    [[], "#: expected type: JSONObject"],
  ])("refuses %j", (body, words) => {
    expect(refusal(titan, body)).toContain(words);
  });
});

describe("Cohere", () => {
  const body = { texts: ["One", "Two"], input_type: "search_query" };

  test("gives floats in the order of the texts, and the texts in lower case", () => {
    const { reply } = invoke(cohere, body);
    expect(reply).toMatchObject({ texts: ["one", "two"], response_type: "embeddings_floats" });
    expect(reply["embeddings"]).toHaveLength(2);
    expect(reply["embeddings"]?.[0]).not.toEqual(reply["embeddings"]?.[1]);
  });

  test("gives each form that is asked for, in its range", () => {
    const { reply } = invoke(cohere, {
      ...body,
      embedding_types: ["int8", "uint8", "binary", "ubinary"],
    });
    const forms = reply["embeddings"] as unknown as Record<string, number[][]>;
    const ranges: Record<string, [number, number, number]> = {
      int8: [1024, -128, 127],
      uint8: [1024, 0, 255],
      binary: [128, -128, 127],
      ubinary: [128, 0, 255],
    };
    for (const [form, [length, low, high]] of Object.entries(ranges)) {
      const [vector = []] = forms[form] ?? [];
      expect(vector).toHaveLength(length);
      expect(Math.min(...vector)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...vector)).toBeLessThanOrEqual(high);
    }
  });

  test.each<[unknown, string]>([
    [{ texts: ["a"] }, "#: required key [input_type] not found"],
    [{ ...body, input_type: "query" }, "#/input_type: query is not a valid enum value"],
    [{ ...body, texts: [] }, "#/texts: expected minimum items: 1, found: 0"],
    [{ ...body, texts: Array(97).fill("a") }, "#/texts: expected maximum items: 96, found: 97"],
    [
      { ...body, texts: ["a".repeat(2049)] },
      "#/texts/0: expected maximum length: 2048, found: 2049",
    ],
    [
      { ...body, texts: ["a", "a ".repeat(600)] },
      "too many tokens: text at index 1 has 600 tokens, the limit is 512.",
    ],
  ])("refuses %j", (wrong, words) => {
    expect(refusal(cohere, wrong)).toContain(words);
  });

  test("shortens what is too long where it may", () => {
    const { headers } = invoke(cohere, { ...body, texts: ["a ".repeat(600)], truncate: "END" });
    expect(headers["x-amzn-bedrock-input-token-count"]).toBe("512");
  });
});

test("a chat model does not speak InvokeModel here", () => {
  expect(refusal("amazon.nova-pro-v1:0", { messages: [] })).toContain(
    "Use Converse for this model.",
  );
});
