export type Capability =
  | "Tools"
  | "Vision"
  | "Documents"
  | "JsonSchema"
  | "Reasoning"
  | "PromptCaching"
  | "Streaming"
  | "Embeddings";

/** USD per million tokens, as decimal strings; `instanceHourly` is USD an hour of the instance. */
export interface SimulatedPricing {
  inputPerMTok?: string;
  outputPerMTok?: string;
  cacheReadPerMTok?: string;
  cacheWrite5mPerMTok?: string;
  cacheWrite1hPerMTok?: string;
  instanceHourly?: string;
}

/** A model that the simulator plays; field names follow the ModelBackend kind where both have them. */
export interface SimulatedModel {
  /** The Bedrock model id, or the name of the SageMaker endpoint. */
  id: string;
  service: "bedrock" | "sagemaker";
  kind: "chat" | "embeddings";
  /** Whose request fields and habits it has. */
  dialect: "claude" | "nova" | "llama" | "gptOss" | "titan" | "cohere" | "openAiChat" | "tgi";
  tier: "Small" | "Medium" | "Large" | "Frontier";
  /** 0 to 1: the difficulty at which it is right half of the time. */
  skill: number;
  pricing: SimulatedPricing;
  /** Tokens of prompt and answer together. */
  contextWindow: number;
  maxOutputTokens: number;
  /** First token: log-normal with this median (ms) and sigma; then tokens a second. */
  speed: { firstTokenMedianMs: number; firstTokenSigma: number; tokensPerSecond: number };
  capabilities: readonly Capability[];
  embedding?: { dimensions: readonly number[]; defaultDimensions: number };
}

const everyday: readonly Capability[] = ["Streaming", "Tools"];
const media: readonly Capability[] = [...everyday, "Vision", "Documents"];

/** The models of every simulator that is started without a list of its own. */
export const simulatedModels: readonly SimulatedModel[] = [
  {
    id: "amazon.nova-micro-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "nova",
    tier: "Small",
    skill: 0.42,
    pricing: { inputPerMTok: "0.035", outputPerMTok: "0.14", cacheReadPerMTok: "0.00875" },
    contextWindow: 128_000,
    maxOutputTokens: 10_000,
    speed: { firstTokenMedianMs: 190, firstTokenSigma: 0.3, tokensPerSecond: 210 },
    capabilities: [...everyday, "PromptCaching"],
  },
  {
    id: "amazon.nova-lite-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "nova",
    tier: "Medium",
    skill: 0.52,
    pricing: { inputPerMTok: "0.06", outputPerMTok: "0.24", cacheReadPerMTok: "0.015" },
    contextWindow: 300_000,
    maxOutputTokens: 10_000,
    speed: { firstTokenMedianMs: 230, firstTokenSigma: 0.3, tokensPerSecond: 160 },
    capabilities: [...media, "PromptCaching"],
  },
  {
    id: "amazon.nova-pro-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "nova",
    tier: "Large",
    skill: 0.7,
    pricing: { inputPerMTok: "0.8", outputPerMTok: "3.2", cacheReadPerMTok: "0.2" },
    contextWindow: 300_000,
    maxOutputTokens: 10_000,
    speed: { firstTokenMedianMs: 330, firstTokenSigma: 0.35, tokensPerSecond: 95 },
    capabilities: [...media, "PromptCaching"],
  },
  {
    id: "meta.llama3-1-8b-instruct-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "llama",
    tier: "Small",
    skill: 0.4,
    pricing: { inputPerMTok: "0.22", outputPerMTok: "0.22" },
    contextWindow: 128_000,
    maxOutputTokens: 8192,
    speed: { firstTokenMedianMs: 240, firstTokenSigma: 0.35, tokensPerSecond: 150 },
    capabilities: everyday,
  },
  {
    id: "meta.llama3-1-70b-instruct-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "llama",
    tier: "Medium",
    skill: 0.6,
    pricing: { inputPerMTok: "0.72", outputPerMTok: "0.72" },
    contextWindow: 128_000,
    maxOutputTokens: 8192,
    speed: { firstTokenMedianMs: 420, firstTokenSigma: 0.4, tokensPerSecond: 55 },
    capabilities: everyday,
  },
  {
    id: "openai.gpt-oss-120b-1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "gptOss",
    tier: "Large",
    skill: 0.72,
    pricing: { inputPerMTok: "0.15", outputPerMTok: "0.6" },
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    speed: { firstTokenMedianMs: 380, firstTokenSigma: 0.4, tokensPerSecond: 180 },
    capabilities: [...everyday, "JsonSchema", "Reasoning"],
  },
  {
    id: "anthropic.claude-3-5-haiku-20241022-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "claude",
    tier: "Large",
    skill: 0.76,
    pricing: {
      inputPerMTok: "0.8",
      outputPerMTok: "4",
      cacheReadPerMTok: "0.08",
      cacheWrite5mPerMTok: "1",
      cacheWrite1hPerMTok: "1.6",
    },
    contextWindow: 200_000,
    maxOutputTokens: 8192,
    speed: { firstTokenMedianMs: 480, firstTokenSigma: 0.35, tokensPerSecond: 70 },
    capabilities: [...media, "JsonSchema", "PromptCaching"],
  },
  {
    id: "anthropic.claude-sonnet-4-20250514-v1:0",
    service: "bedrock",
    kind: "chat",
    dialect: "claude",
    tier: "Frontier",
    skill: 0.93,
    pricing: {
      inputPerMTok: "3",
      outputPerMTok: "15",
      cacheReadPerMTok: "0.3",
      cacheWrite5mPerMTok: "3.75",
      cacheWrite1hPerMTok: "6",
    },
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    speed: { firstTokenMedianMs: 820, firstTokenSigma: 0.4, tokensPerSecond: 60 },
    capabilities: [...media, "JsonSchema", "Reasoning", "PromptCaching"],
  },
  {
    id: "amazon.titan-embed-text-v2:0",
    service: "bedrock",
    kind: "embeddings",
    dialect: "titan",
    tier: "Small",
    skill: 0,
    pricing: { inputPerMTok: "0.02", outputPerMTok: "0" },
    contextWindow: 8192,
    maxOutputTokens: 1,
    speed: { firstTokenMedianMs: 45, firstTokenSigma: 0.25, tokensPerSecond: 1 },
    capabilities: ["Embeddings"],
    embedding: { dimensions: [256, 512, 1024], defaultDimensions: 1024 },
  },
  ...["english", "multilingual"].map((language): SimulatedModel => ({
    id: `cohere.embed-${language}-v3`,
    service: "bedrock",
    kind: "embeddings",
    dialect: "cohere",
    tier: "Medium",
    skill: 0,
    pricing: { inputPerMTok: "0.1", outputPerMTok: "0" },
    contextWindow: 512,
    maxOutputTokens: 1,
    speed: { firstTokenMedianMs: 70, firstTokenSigma: 0.25, tokensPerSecond: 1 },
    capabilities: ["Embeddings"],
    embedding: { dimensions: [1024], defaultDimensions: 1024 },
  })),
  {
    id: "llama-3-1-8b-chat",
    service: "sagemaker",
    kind: "chat",
    dialect: "openAiChat",
    tier: "Small",
    skill: 0.41,
    pricing: { instanceHourly: "1.515" },
    contextWindow: 32_768,
    maxOutputTokens: 8192,
    speed: { firstTokenMedianMs: 160, firstTokenSigma: 0.3, tokensPerSecond: 110 },
    capabilities: [...everyday, "JsonSchema"],
  },
  {
    id: "mistral-7b-tgi",
    service: "sagemaker",
    kind: "chat",
    dialect: "tgi",
    tier: "Small",
    skill: 0.36,
    pricing: { instanceHourly: "1.515" },
    contextWindow: 32_768,
    maxOutputTokens: 4096,
    speed: { firstTokenMedianMs: 180, firstTokenSigma: 0.3, tokensPerSecond: 85 },
    capabilities: ["Streaming"],
  },
];

// Inference profiles carry the geography before the model's id: "us.anthropic.…", "global.anthropic.…".
const geography = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\./;

/** The catalogue's model that a Bedrock id, inference profile id or ARN names. */
export function findModel(
  models: readonly SimulatedModel[],
  service: string,
  name: string,
): SimulatedModel | undefined {
  const id = service === "bedrock" ? bedrockId(name) : name;
  return models.find((model) => model.service === service && model.id === id);
}

function bedrockId(name: string): string {
  const resource = name.startsWith("arn:") ? (bedrockResource.exec(name)?.[1] ?? "") : name;
  return resource.replace(geography, "");
}

const bedrockResource =
  /^arn:aws(?:-[^:]+)?:bedrock:[a-z0-9-]{1,20}:(?:[0-9]{12})?:(?:inference-profile|foundation-model)\/([a-zA-Z0-9-:.]+)$/;
