import { describe, expect, it } from "vitest";
import { toConverse } from "../../../../src/providers/bedrock/converse-request.ts";
import { bedrockBackend, bedrockModels, targetOf } from "../../../support/bedrock-backend.ts";

const backend = bedrockBackend(bedrockModels.nova, { capabilities: ["Streaming", "Reasoning"] });

function converseOf(more: object) {
  const request = { model: "any", messages: [{ role: "user" as const, content: "Why?" }], ...more };
  return toConverse({ backend, target: targetOf(backend), request, metadata: {} }).converse;
}

const thinking = (maxReasoningEffort: string) => ({
  reasoningConfig: { type: "enabled", maxReasoningEffort },
});

describe("Nova at its highest effort, where it takes no bound", () => {
  it.each([{ max_tokens: 50 }, { max_completion_tokens: 50 }])(
    "thinks less where the client sets one, which its budget is reserved by: %o",
    (bound) => {
      const { inferenceConfig, additionalModelRequestFields } = converseOf({
        reasoning_effort: "high",
        ...bound,
      });
      expect(inferenceConfig).toEqual({ maxTokens: 50 });
      expect(additionalModelRequestFields).toEqual(thinking("medium"));
    },
  );

  it("is asked for as the client wants it where it sets none", () => {
    const { inferenceConfig, additionalModelRequestFields } = converseOf({
      reasoning_effort: "high",
      temperature: 0.5,
    });
    expect(inferenceConfig).toBeUndefined();
    expect(additionalModelRequestFields).toEqual(thinking("high"));
  });
});
