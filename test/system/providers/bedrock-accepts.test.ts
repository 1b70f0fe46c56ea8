import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChatRequest, parseChatRequest } from "../../../src/openai/index.ts";
import { makeBedrock, type Provider } from "../../../src/providers/index.ts";
import { type Simulator, startSimulator } from "../../../src/simulators/index.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { arbitraryChat } from "../../support/arbitrary-chat.ts";
import { bedrockBackend, bedrockModels, transports } from "../../support/bedrock-backend.ts";

let simulator: Simulator;
let provider: Provider;

beforeAll(async () => {
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  provider = makeBedrock({
    reach: () => ({ endpoint: simulator.url, credentials: async () => simulator.credentials }),
  });
});

afterAll(async () => {
  await provider.close();
  await simulator.close();
});

async function send(backend: BackendEntry, request: ChatRequest): Promise<void> {
  const metadata = { route: "any", tenant: "Ünïted <co>" };
  await provider.chat({ backend, request, metadata, signal: AbortSignal.timeout(30_000) });
}

describe.each(transports)(
  "Bedrock takes any conversation that OpenAI accepts, by %s",
  (transport) => {
    for (const model of ["claude", "haiku", "nova", "llama", "gptOss"] as const) {
      it(`for ${model}`, async () => {
        const backend = bedrockBackend(bedrockModels[model], { target: { transport } });
        const media = backend.capabilities.includes("Vision");
        const able = { images: media, documents: media, signatures: false };
        await fc.assert(
          fc.asyncProperty(arbitraryChat(able), async (request) => send(backend, request)),
          { numRuns: 60 },
        );
      });
    }
  },
);

describe.each(transports)("Bedrock takes each golden conversation, by %s", (transport) => {
  const folder = new URL("../../unit/providers/bedrock/cases/", import.meta.url);
  // Signatures are the simulator's own; those of the cases are none.
  const names = readdirSync(folder).filter(
    (name) => name.endsWith(".openai.json") && !name.startsWith("thinking-replayed"),
  );

  it.each(names)("%s", async (name) => {
    const given = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
      target: { modelId: string };
      request: unknown;
    };
    const request = parseChatRequest(given.request);
    if (!request.ok) throw request.error;
    const target = { ...given.target, transport };
    await send(bedrockBackend(given.target.modelId, { target }), request.value);
    expect(simulator.calls().at(-1)).toMatchObject({ status: 200 });
  });
});

describe("what goes along with a conversation", () => {
  const request: ChatRequest = { model: "any", messages: [{ role: "user", content: "Hello" }] };

  it("is cleaned metadata", async () => {
    await send(bedrockBackend(bedrockModels.claude), request);
    expect(simulator.calls().at(-1)).toMatchObject({
      requestMetadata: { route: "any", tenant: "_n_ted _co_" },
    });
  });

  it("is the backend's guardrail, whose word ends the answer", async () => {
    const guardrail = { id: "guard1", version: "1" };
    const backend = bedrockBackend(bedrockModels.claude, { target: { guardrail } });
    const { reply } = await provider.chat({
      backend,
      request: {
        model: "any",
        messages: [{ role: "user", content: "Tell me the forbidden word." }],
      },
      metadata: {},
      signal: AbortSignal.timeout(10_000),
    });
    expect(reply.finishReason).toBe("content_filter");
  });
});

describe.each(transports)("a backend's guardrail, through %s", (transport) => {
  const backend = bedrockBackend(bedrockModels.claude, {
    target: { guardrail: { id: "guard1", version: "1" }, transport },
    prices: { guardrailUnit: 150_000_000 },
  });
  const call = (content: string) => ({
    backend,
    request: { model: "any", messages: [{ role: "user" as const, content }] },
    metadata: {},
    signal: AbortSignal.timeout(10_000),
  });
  const streamed = async (content: string) => {
    const { frames, facts } = await provider.streamChat(call(content));
    const seen = await Array.fromAsync(frames);
    const text = seen.map((frame) => (frame.type === "text" ? frame.text : "")).join("");
    return { text, last: seen.findLast(({ type }) => type === "finish"), facts };
  };

  it.each([
    ["blocks a prompt", "Tell me the forbidden word", /cannot answer/, 1],
    ["masks an answer", "Repeat: Mail jane@example.com", /^Mail \{EMAIL\}$/, 2],
  ])("%s, whole and streamed, and tells its units", async (_title, content, text, units) => {
    const whole = await provider.chat(call(content));
    expect(whole.reply.text).toMatch(text);
    expect(whole.reply.finishReason).toBe("content_filter");
    expect(whole.facts.guardrailUnits).toBe(units);
    const stream = await streamed(content);
    expect(stream.text).toMatch(text);
    expect(stream.last).toMatchObject({ reason: "content_filter" });
    expect(stream.facts.guardrailUnits).toBe(units);
  });

  it("lets pass what it has nothing against, and is paid for all the same", async () => {
    const { reply, facts } = await provider.chat(call("Repeat: hello"));
    expect(reply).toMatchObject({ text: "hello", finishReason: "stop" });
    expect(facts.guardrailUnits).toBe(2);
  });
});

describe.each(transports)("a request too deep for any stack, through %s", (transport) => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const tool = (parameters: unknown) => ({ type: "function", function: { name: "a", parameters } });
  const call = { id: "a", type: "function", function: { name: "a", arguments: `{"a":${deep}}` } };

  it.each([
    ["in a tool's schema", { tools: [tool({ a: JSON.parse(deep) as unknown })] }],
    ["in a call's arguments", { messages: [{ role: "assistant", tool_calls: [call] }] }],
  ])("is the client's fault: %s", async (_name, body) => {
    const messages = [{ role: "user", content: "Hello" }];
    const request = { model: "any", messages, ...body } as ChatRequest;
    const backend = bedrockBackend(bedrockModels.claude, { target: { transport } });
    await expect(send(backend, request)).rejects.toMatchObject({ status: 400 });
  });
});

describe("embeddings", () => {
  const embed = async (modelId: string, more: object = {}) =>
    provider.embed({
      backend: bedrockBackend(modelId),
      request: { model: "any", input: ["a", "b"], ...more },
      metadata: {},
      signal: AbortSignal.timeout(10_000),
    });
  const lengths = ({ vectors }: { vectors: readonly (readonly number[])[] }) =>
    vectors.map(({ length }) => length);

  it("have the dimensions asked for, where the model can", async () => {
    expect(lengths(await embed(bedrockModels.titan, { dimensions: 256 }))).toEqual([256, 256]);
    expect(lengths(await embed(bedrockModels.titan))).toEqual([1024, 1024]);
    expect(lengths(await embed(bedrockModels.cohere, { dimensions: 1024 }))).toEqual([1024, 1024]);
    await expect(embed(bedrockModels.cohere, { dimensions: 256 })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("take a kind of input, which the model judges", async () => {
    await embed(bedrockModels.cohere, { input_type: "search_query" });
    await expect(embed(bedrockModels.cohere, { input_type: "nonsense" })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("are not to be had of a model for chats", async () => {
    await expect(embed(bedrockModels.claude)).rejects.toMatchObject({ code: "model_not_found" });
  });
});
