import { simulatedModels } from "../../src/simulators/index.ts";
import type { BackendEntry, BedrockTarget } from "../../src/table/index.ts";

export const bedrockModels = {
  claude: "anthropic.claude-sonnet-4-20250514-v1:0",
  haiku: "anthropic.claude-3-5-haiku-20241022-v1:0",
  nova: "amazon.nova-pro-v1:0",
  llama: "meta.llama3-1-70b-instruct-v1:0",
  gptOss: "openai.gpt-oss-120b-1:0",
  titan: "amazon.titan-embed-text-v2:0",
  cohere: "cohere.embed-english-v3",
} as const;

/** Both ways to the vendor, in the words of a test's name. */
export const transports = [
  ["Sdk", "the AWS SDK"],
  ["Lean", "the lean transport"],
] as const;

type Overrides = Partial<Omit<BackendEntry, "target">> & { target?: Partial<BedrockTarget> };

/** A backend of a simulated model, with the capabilities that its entry in the catalogue has. */
export function bedrockBackend(modelId: string, overrides: Overrides = {}): BackendEntry {
  const { target, ...rest } = overrides;
  const model = simulatedModels.find(({ id }) => id === modelId);
  return {
    name: "backend",
    target: { type: "Bedrock", modelId, region: "us-east-1", ...target },
    credentials: { type: "Ambient" },
    prices: {},
    tier: "Medium",
    expectations: { firstTokenP95Ms: 1000, tokensPerSecond: 100 },
    capabilities: model?.capabilities ?? [],
    contextWindow: model?.contextWindow ?? 100_000,
    maxOutputTokens: model?.maxOutputTokens ?? 4096,
    dataClasses: [],
    processingRegions: ["us-east-1"],
    timeouts: { connectMs: 2000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 30_000 },
    ...rest,
  };
}

/** The target of such a backend. */
export function targetOf(backend: BackendEntry): BedrockTarget {
  if (backend.target.type !== "Bedrock") throw new TypeError("Not a Bedrock backend");
  return backend.target;
}
