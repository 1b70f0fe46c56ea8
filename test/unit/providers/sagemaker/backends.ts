import type { ChatCall } from "../../../../src/providers/index.ts";
import { parseChatRequest, type ChatRequest } from "../../../../src/openai/index.ts";
import type { BackendEntry, SageMakerTarget } from "../../../../src/table/index.ts";

export function sageMakerBackend(target: Partial<SageMakerTarget> = {}): BackendEntry {
  return {
    name: "endpoint",
    target: {
      type: "SageMaker",
      endpointName: "my-endpoint",
      region: "eu-central-1",
      payload: "OpenAIChat",
      ...target,
    },
    credentials: { type: "Ambient" },
    prices: {},
    tier: "Small",
    expectations: { firstTokenP95Ms: 500, tokensPerSecond: 50 },
    capabilities: ["Streaming", "Tools"],
    contextWindow: 8_192,
    maxOutputTokens: 2_048,
    dataClasses: [],
    processingRegions: null,
    timeouts: { connectMs: 1_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 20_000 },
  };
}

export function chatRequest(body: object): ChatRequest {
  const parsed = parseChatRequest({
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    ...body,
  });
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

export function chatCall(body: object = {}, target: Partial<SageMakerTarget> = {}): ChatCall {
  return {
    backend: sageMakerBackend(target),
    request: chatRequest(body),
    metadata: {},
    signal: new AbortController().signal,
  };
}
