import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { ChatRequest, EmbeddingsRequest } from "../../../src/openai/index.ts";
import { encodeFrame } from "../../../src/simulators/event-stream.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { arbitraryChat } from "../../support/arbitrary-chat.ts";
import { bedrockBackend, bedrockModels } from "../../support/bedrock-backend.ts";
import { sageMakerBackend } from "../../unit/providers/sagemaker/backends.ts";
import {
  converse,
  embeddingCases,
  invocationCases,
  partCases,
  streamCases,
  streamed,
  usage,
  whole,
  wholeCases,
} from "./same/answers.ts";
import { expectSame, spoilt } from "./same/comparable.ts";
import { Pair } from "./same/pair.ts";

// The lean transport beside the AWS SDK: the same calls are to leave both, and the same is to be made
// of whatever answers. An upstream that speaks by script takes the place of the vendor.

const pair = new Pair();
beforeAll(async () => pair.open());
afterAll(async () => pair.close());

const claude = bedrockBackend(bedrockModels.claude);
const hello: ChatRequest = { model: "any", messages: [{ role: "user", content: "Hello" }] };

const call = (backend: BackendEntry, request: ChatRequest = hello) => ({
  backend,
  request,
  metadata: { route: "a route", tenant: "Ünïted" },
  signal: AbortSignal.timeout(20_000),
});

const embedding = (backend: BackendEntry, more: Partial<EmbeddingsRequest> = {}) => ({
  ...call(backend),
  request: { model: "any", input: ["a text"], ...more } as EmbeddingsRequest,
});

describe("both transports send the same request", () => {
  const answer = whole(converse([{ text: "Hi" }]));
  const able = { images: true, documents: true, signatures: true };

  it.each(["claude", "nova"] as const)("for any conversation with %s", async (model) => {
    const backend = bedrockBackend(bedrockModels[model]);
    await fc.assert(
      fc.asyncProperty(arbitraryChat(able), async (request) => {
        expectSame(await pair.chat(call(backend, request), answer), "bedrock");
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0", ""],
    ["arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:application-inference-profile/a1", "/base"],
    ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "/base/deeper"],
  ])("for the model %s behind %j", async (modelId, path) => {
    pair.path = path;
    const guardrail = { id: "guard", version: "DRAFT" };
    const serviceTier = "Priority" as const;
    const region = modelId.includes("gov") ? "us-gov-west-1" : "eu-central-1";
    const backend = bedrockBackend(bedrockModels.claude, {
      target: { modelId, region, guardrail, serviceTier },
    });
    expectSame(await pair.chat(call(backend), answer), "bedrock");
    expectSame(await pair.stream(call(backend), answer), "bedrock");
    pair.path = "";
  });

  it("for embeddings, with a service tier and without", async () => {
    const vector = whole({ embedding: [1], inputTextTokenCount: 1 });
    for (const target of [{}, { serviceTier: "Flex" as const }]) {
      const titan = bedrockBackend(bedrockModels.titan, { target });
      expectSame(await pair.embed(embedding(titan, { dimensions: 256 }), vector), "bedrock");
    }
  });

  it("for every header of SageMaker", async () => {
    for (const target of [{}, { inferenceComponent: "part-1", targetVariant: "blue" }]) {
      const backend = sageMakerBackend(target);
      expectSame(await pair.chat(call(backend), whole("{}")), "sagemaker");
      expectSame(await pair.stream(call(backend), whole("{}")), "sagemaker");
    }
  });
});

describe("both transports make the same", () => {
  it.each(wholeCases)("of %s in place of a whole answer", async (_title, answer) => {
    expectSame(await pair.chat(call(claude), answer), "bedrock");
  });

  it.each(streamCases)("of %s in place of a stream", async (_title, answer) => {
    expectSame(await pair.stream(call(claude), answer), "bedrock");
  });

  it.each(embeddingCases)("of %s in place of embeddings", async (_title, answer) => {
    const titan = bedrockBackend(bedrockModels.titan);
    expectSame(await pair.embed(embedding(titan), answer), "bedrock");
  });

  it.each(invocationCases)("of %s in place of a container's answer", async (_title, answer) => {
    expectSame(await pair.chat(call(sageMakerBackend()), answer), "sagemaker");
  });

  it.each(partCases)("of %s in place of a container's stream", async (_title, answer) => {
    expectSame(await pair.stream(call(sageMakerBackend()), answer), "sagemaker");
  });
});

const answered = converse(
  [
    { text: "Hi" },
    { reasoningContent: { reasoningText: { text: "hm", signature: "s" } } },
    { reasoningContent: { redactedContent: "AAEC" } },
    { toolUse: { toolUseId: "t", name: "f", input: { a: [1, "b", null] } } },
    { citationsContent: { content: [{ text: "cited" }] } },
  ],
  { stopReason: "tool_use", trace: { promptRouter: { invokedModelId: "m" } } },
);

const told: readonly (readonly [type: string, payload: object])[] = [
  ["messageStart", { role: "assistant" }],
  ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }],
  ["contentBlockDelta", { contentBlockIndex: 1, delta: { reasoningContent: { text: "hm" } } }],
  [
    "contentBlockDelta",
    { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: "AAEC" } } },
  ],
  [
    "contentBlockStart",
    { contentBlockIndex: 2, start: { toolUse: { toolUseId: "t", name: "f" } } },
  ],
  ["contentBlockDelta", { contentBlockIndex: 2, delta: { toolUse: { input: "{}" } } }],
  ["contentBlockStop", { contentBlockIndex: 2 }],
  ["messageStop", { stopReason: "tool_use" }],
  [
    "metadata",
    { usage, metrics: { latencyMs: 7 }, trace: { promptRouter: { invokedModelId: "m" } } },
  ],
];

const eventHeaders = { ":message-type": "event", ":content-type": "application/json" };

describe("both transports make the same of answers in which anything may stand", () => {
  it("whole", async () => {
    await fc.assert(
      fc.asyncProperty(spoilt(answered), async (body) => {
        expectSame(await pair.chat(call(claude), whole(body)), "bedrock");
      }),
      { numRuns: 200 },
    );
  });

  it("streamed", async () => {
    const event = fc.nat({ max: told.length - 1 }).chain((at) => {
      const [, payload] = told[at] ?? [];
      return spoilt(payload).map((changed) => [at, changed] as const);
    });
    await fc.assert(
      fc.asyncProperty(event, async ([at, changed]) => {
        const frames = told.map(([type, payload], index) =>
          encodeFrame(
            { ...eventHeaders, ":event-type": type },
            Buffer.from(index === at ? changed : JSON.stringify(payload)),
          ),
        );
        expectSame(await pair.stream(call(claude), streamed(...frames)), "bedrock");
      }),
      { numRuns: 200 },
    );
  });
});
