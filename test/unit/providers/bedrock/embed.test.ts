import { describe, expect, it } from "vitest";
import { embed } from "../../../../src/providers/bedrock/embed.ts";
import type { BedrockTransport } from "../../../../src/providers/bedrock/transport.ts";
import { ProviderError } from "../../../../src/providers/index.ts";
import { bedrockBackend, bedrockModels, targetOf } from "../../../support/bedrock-backend.ts";

const backend = bedrockBackend(bedrockModels.titan);

/** Answers each text with a vector and as many tokens as it has characters, and refuses one of them. */
function refusing(bad: string): Pick<BedrockTransport, "invoke"> {
  return {
    invoke: async ({ body }) => {
      const { inputText } = JSON.parse(body) as { inputText: string };
      // The others' answers come first.
      if (inputText === bad) await new Promise((resolve) => setTimeout(resolve, 20));
      if (inputText === bad) throw new ProviderError("invalid_request", "Too long");
      const reply = { embedding: [1, 2], inputTextTokenCount: inputText.length };
      return { body: Buffer.from(JSON.stringify(reply)), headers: {} };
    },
  };
}

const failureOf = async (input: string[]): Promise<unknown> =>
  embed(refusing("bad") as BedrockTransport, targetOf(backend), {
    backend,
    request: { model: "any", input },
    metadata: {},
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => error);

describe("a list of texts of which one is refused", () => {
  it("fails, and says what the calls for the others used: they are billed", async () => {
    expect(await failureOf(["four", "sixsix", "bad"])).toMatchObject({
      code: "invalid_request",
      details: { usage: { input: 10, output: 0 } },
    });
  });

  it("used nothing where it is the only one", async () => {
    expect(await failureOf(["bad"])).not.toHaveProperty("details.usage");
  });
});
