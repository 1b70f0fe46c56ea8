import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChatRequest, parseChatRequest } from "../../../../src/openai/index.ts";
import { toConverse } from "../../../../src/providers/bedrock/converse-request.ts";
import { plainPrompt } from "../../../../src/providers/bedrock/plain-prompt.ts";
import { arbitraryChat } from "../../../support/arbitrary-chat.ts";
import { bedrockBackend, bedrockModels, targetOf } from "../../../support/bedrock-backend.ts";

const text = fc.string({ minLength: 1, unit: "grapheme", maxLength: 8 });
const spoken = fc.constantFrom("system", "developer", "user", "assistant");

/** Conversations that are plain, and those that only just are not. */
const nearlyPlain = fc
  .array(fc.record({ role: spoken, content: text }), { minLength: 1, maxLength: 6 })
  .map((messages) => parseChatRequest({ model: "m", messages }))
  .map((parsed) => {
    if (!parsed.ok) throw parsed.error;
    return parsed.value;
  });

const chats = fc.oneof(
  nearlyPlain,
  arbitraryChat({ images: true, documents: true, signatures: true }),
);

describe("a chat of texts alone", () => {
  for (const model of ["claude", "nova", "llama", "gptOss"] as const) {
    it(`becomes for ${model} what it becomes the long way round`, () => {
      const backend = bedrockBackend(bedrockModels[model]);
      const converse = (request: ChatRequest) =>
        toConverse({ backend, target: targetOf(backend), request, metadata: {} }).converse;
      fc.assert(
        fc.property(chats, (request) => {
          // Tools, of which there are none, change nothing but the way.
          const { tools = [], ...rest } = request;
          if (tools.length > 0) return;
          expect(converse(rest)).toEqual(converse({ ...rest, tools }));
        }),
        { numRuns: 400 },
      );
    });
  }

  it("takes the short way", () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "Bye" },
    ] as const;
    expect(plainPrompt(messages)?.messages.length).toBe(3);
    expect(plainPrompt(messages.slice(0, 3))).toBeUndefined();
  });
});
