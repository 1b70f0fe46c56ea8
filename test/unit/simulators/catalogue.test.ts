import { describe, expect, test } from "vitest";

import { describeSimulator, findModel, simulatedModels } from "../../../src/simulators/index.ts";

describe("the catalogue", () => {
  test("has different ids, prices that are decimal strings, and sound numbers", () => {
    expect(new Set(simulatedModels.map((model) => model.id)).size).toBe(simulatedModels.length);
    for (const model of simulatedModels) {
      const prices = Object.values(model.pricing) as string[];
      expect(prices.length, model.id).toBeGreaterThan(0);
      for (const price of prices) expect(price).toMatch(/^\d+(\.\d+)?$/);
      expect(model.maxOutputTokens).toBeLessThan(model.contextWindow);
      expect(model.capabilities.includes("Embeddings")).toBe(model.kind === "embeddings");
      expect(model.embedding !== undefined).toBe(model.kind === "embeddings");
    }
  });

  test("is described in a line a model, with what it costs", () => {
    const lines = describeSimulator();
    expect(lines).toHaveLength(simulatedModels.length);
    for (const [index, model] of simulatedModels.entries())
      expect(lines[index]).toContain(model.id);
    expect(lines.join("\n")).toContain(
      "$3 in, $15 out per million tokens, first token 820 ms, 60 tokens a second",
    );
    expect(lines.join("\n")).toContain("$1.515 an hour");
  });
});

describe("a model is found", () => {
  const nova = "amazon.nova-pro-v1:0";

  test.each([
    nova,
    `us.${nova}`,
    `eu.${nova}`,
    `global.${nova}`,
    `arn:aws:bedrock:us-east-1::foundation-model/${nova}`,
    `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.${nova}`,
    `arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.${nova}`,
  ])("by %s", (name) => {
    expect(findModel(simulatedModels, "bedrock", name)?.id).toBe(nova);
  });

  test.each([
    "nova",
    `xx.${nova}`,
    `arn:aws:s3:::${nova}`,
    `arn:aws:bedrock:us-east-1:12:inference-profile/${nova}`,
    "",
    "llama-3-1-8b-chat",
  ])("not by %s", (name) => {
    expect(findModel(simulatedModels, "bedrock", name)).toBeUndefined();
  });

  test("by its endpoint's name in SageMaker alone", () => {
    expect(findModel(simulatedModels, "sagemaker", "mistral-7b-tgi")?.dialect).toBe("tgi");
    expect(findModel(simulatedModels, "sagemaker", nova)).toBeUndefined();
  });
});
