import { makeBedrock } from "../../../src/providers/index.ts";
import type { Simulator } from "../../../src/simulators/index.ts";
import { bedrockBackend, bedrockModels, transports } from "../../support/bedrock-backend.ts";
import { describeProvider } from "./describe-provider.ts";

const make = (simulator: Simulator) =>
  makeBedrock({
    reach: ({ target }) => ({
      endpoint: target.endpoint ?? simulator.url,
      credentials: async () => simulator.credentials,
    }),
  });

const exceptions = [
  ["throttlingException", "throttled"],
  ["internalServerException", "internal"],
  ["serviceUnavailableException", "unavailable"],
  ["validationException", "invalid_request"],
  ["modelStreamErrorException", "stream_broken"],
] as const;

const signs = "Only Claude signs its thoughts";

for (const [transport, way] of transports) {
  const of = (model: keyof typeof bedrockModels) =>
    bedrockBackend(bedrockModels[model], { target: { transport } });

  const claude = of("claude");
  describeProvider(`Bedrock through ${way}, with Claude`, make, {
    backends: {
      chat: claude,
      tools: claude,
      vision: claude,
      schema: claude,
      caching: claude,
      reasoning: claude,
      embeddings: of("titan"),
    },
    exceptions,
  });

  const nova = of("nova");
  describeProvider(`Bedrock through ${way}, with Nova, whose forms are tools`, make, {
    backends: {
      chat: nova,
      tools: nova,
      vision: nova,
      schema: nova,
      caching: nova,
      embeddings: of("cohere"),
    },
    skip: [
      { test: "thinks where it is asked to, and keeps the signature", because: signs },
      { test: "goes on from its own thoughts after a call", because: signs },
      {
        test: "tells a cache of an hour from one of five minutes",
        because: "Nova has no such cache",
      },
      { test: "calls one tool at a time where it is told so", because: "Nova cannot be told so" },
    ],
    exceptions,
  });
}
