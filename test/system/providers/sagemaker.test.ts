import { describe, expect, it } from "vitest";
import { parseChatRequest } from "../../../src/openai/index.ts";
import { makeSageMaker } from "../../../src/providers/index.ts";
import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import type { BackendEntry, SageMakerTarget } from "../../../src/table/index.ts";
import { transports } from "../../support/bedrock-backend.ts";
import { describeProvider } from "./describe-provider.ts";

const make = (simulator: Simulator) =>
  makeSageMaker({
    reach: ({ target }) => ({
      endpoint: target.endpoint ?? simulator.url,
      credentials: async () => simulator.credentials,
    }),
  });

function backendOf(
  endpointName: string,
  payload: SageMakerTarget["payload"],
  more: Partial<SageMakerTarget> = {},
): BackendEntry {
  return {
    name: endpointName,
    target: { type: "SageMaker", endpointName, region: "eu-central-1", payload, ...more },
    credentials: { type: "Ambient" },
    prices: {},
    tier: "Small",
    expectations: { firstTokenP95Ms: 500, tokensPerSecond: 50 },
    capabilities: ["Streaming"],
    contextWindow: 32_768,
    maxOutputTokens: 4_096,
    dataClasses: [],
    processingRegions: null,
    timeouts: { connectMs: 1_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 20_000 },
  };
}

const chatEndpoint = "llama-3-1-8b-chat";

const without = (because: string, tests: readonly string[]) =>
  tests.map((test) => ({ test, because }));

const beyondContainers = [
  ...without("The simulator's containers see no images", ["sees an image"]),
  ...without("Containers tell of no cache that is written", [
    "tells what its cache has written and read",
    "tells a cache of an hour from one of five minutes",
  ]),
  ...without("Containers sign no thoughts", [
    "thinks where it is asked to, and keeps the signature",
    "goes on from its own thoughts after a call",
  ]),
  ...without("The simulator plays no container of embeddings", [
    "embeds texts in their order, and counts their tokens",
    "embeds more texts than one call takes",
    "fails as a whole where one of its calls fails",
    "embeds nothing for a client that has left",
  ]),
];

const vendor = {
  // SageMaker has no exception of its own for a quota.
  errors: { "service-quota": "throttled" },
  exceptions: [
    ["ModelStreamError", "stream_broken"],
    ["InternalStreamFailure", "stream_broken"],
    ["ThrottlingException", "throttled"],
  ],
} as const;

for (const [transport, way] of transports) {
  const openAIChat = backendOf(chatEndpoint, "OpenAIChat", { transport });
  const tgi = backendOf("mistral-7b-tgi", "HuggingFaceTGI", { transport });

  describeProvider(`SageMaker through ${way}, with a container that speaks OpenAI`, make, {
    ...vendor,
    backends: { chat: openAIChat, tools: openAIChat, schema: openAIChat, vision: openAIChat },
    skip: beyondContainers,
  });

  describeProvider(`SageMaker through ${way}, with a container of text generation`, make, {
    ...vendor,
    backends: { chat: tgi, vision: tgi },
    skip: [
      ...beyondContainers,
      ...without("Text generation tells of no filter", ["tells of an answer that a filter ended"]),
      ...without("Text generation knows no form", ["answers in the form of a JSON schema"]),
      ...without("Text generation calls no tools", [
        "calls a tool with arguments that are an object",
        "goes on from tool results over several turns, whole",
        "goes on from tool results over several turns, streamed",
        "calls tools in parallel, and takes their results in any order",
        "counts streamed calls from nought, each opened before its arguments",
        "calls one tool at a time where it is told so",
        "calls what it is told to call, and nothing where it is told not to",
        "answers without a further call where it is told so after one",
        "gives an empty object for a tool without parameters",
        "calls a tool by the client's name, however odd, over its turns",
        "goes on from a conversation with another model's calls",
      ]),
    ],
  });
}

describe("a call of SageMaker", () => {
  it.each(transports)(
    "%s sends the headers of its target and of the request, and tells who answered",
    async (transport) => {
      const simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
      const provider = make(simulator);
      const parsed = parseChatRequest({ model: "m", messages: [{ role: "user", content: "hi" }] });
      if (!parsed.ok) throw parsed.error;
      const target = { transport, inferenceComponent: "part-1", targetVariant: "blue" };
      const { facts } = await provider.chat({
        backend: backendOf(chatEndpoint, "OpenAIChat", target),
        request: parsed.value,
        metadata: { route: "test", request: "r-1" },
        signal: AbortSignal.timeout(20_000),
      });
      const [call] = simulator.calls();
      expect(facts).toEqual({ requestId: call?.requestId, model: "blue" });
      expect(call?.amznHeaders).toMatchObject({
        "x-amzn-sagemaker-inference-component": "part-1",
        "x-amzn-sagemaker-target-variant": "blue",
        "x-amzn-sagemaker-custom-attributes": "route=test,request=r-1",
      });
      await provider.close();
      await simulator.close();
    },
  );
});
