import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toConverse } from "../../../../src/providers/bedrock/converse-request.ts";
import { arbitraryChat } from "../../../support/arbitrary-chat.ts";
import { bedrockBackend, bedrockModels, targetOf } from "../../../support/bedrock-backend.ts";
import { converseComplaints } from "../../../support/converse-rules.ts";

const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 20 });

describe("any conversation that OpenAI accepts", () => {
  for (const model of ["claude", "haiku", "nova", "llama", "gptOss"] as const) {
    it(`becomes valid Converse for ${model}`, () => {
      const backend = bedrockBackend(bedrockModels[model]);
      const able = { images: true, documents: true, signatures: true };
      fc.assert(
        fc.property(arbitraryChat(able), metadata, (request, told) => {
          const asked = { backend, target: targetOf(backend), request, metadata: told };
          expect(converseComplaints(toConverse(asked).converse)).toEqual([]);
        }),
        { numRuns: 400 },
      );
    });
  }

  it("becomes the same request each time", () => {
    const backend = bedrockBackend(bedrockModels.claude);
    fc.assert(
      fc.property(arbitraryChat({ images: true, documents: true, signatures: true }), (request) => {
        const asked = { backend, target: targetOf(backend), request, metadata: {} };
        expect(toConverse(asked).converse).toEqual(toConverse(asked).converse);
      }),
      { numRuns: 100 },
    );
  });

  it("is left as it was", () => {
    const backend = bedrockBackend(bedrockModels.claude);
    fc.assert(
      fc.property(arbitraryChat({ images: true, documents: true, signatures: true }), (request) => {
        const before = structuredClone(request);
        toConverse({ backend, target: targetOf(backend), request, metadata: {} });
        expect(request).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });
});
