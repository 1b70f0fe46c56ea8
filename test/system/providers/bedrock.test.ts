import { makeBedrock } from "../../../src/providers/index.ts";
import type { Simulator } from "../../../src/simulators/index.ts";
import { bedrockBackend, bedrockModels } from "../../support/bedrock-backend.ts";
import { describeProvider } from "./describe-provider.ts";

const make = (simulator: Simulator) =>
  makeBedrock({
    reach: ({ target }) => ({
      endpoint: target.endpoint ?? simulator.url,
      credentials: async () => simulator.credentials,
    }),
  });

const claude = bedrockBackend(bedrockModels.claude);

const exceptions = [
  ["throttlingException", "throttled"],
  ["internalServerException", "internal"],
  ["serviceUnavailableException", "unavailable"],
  ["validationException", "invalid_request"],
  ["modelStreamErrorException", "stream_broken"],
] as const;

describeProvider("Bedrock through the AWS SDK, with Claude", make, {
  backends: {
    chat: claude,
    tools: claude,
    vision: claude,
    schema: claude,
    caching: claude,
    reasoning: claude,
    embeddings: bedrockBackend(bedrockModels.titan),
  },
  exceptions,
});

const nova = bedrockBackend(bedrockModels.nova);
const signs = "Only Claude signs its thoughts";

describeProvider("Bedrock through the AWS SDK, with Nova, whose forms are tools", make, {
  backends: {
    chat: nova,
    tools: nova,
    vision: nova,
    schema: nova,
    caching: nova,
    embeddings: bedrockBackend(bedrockModels.cohere),
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
