import { createHash } from "node:crypto";
import type { Kind } from "../../../src/api/index.ts";

const backend = () => ({
  type: "Bedrock",
  bedrock: { modelId: "amazon.nova-lite-v1:0", region: "eu-central-1" },
  pricing: { inputPerMTok: "0.06", outputPerMTok: "0.24" },
  quality: { tier: "Small" },
  expectations: { firstTokenP95: "800ms", tokensPerSecond: 80 },
  capabilities: ["Streaming", "Tools"],
  contextWindow: 300_000,
  maxOutputTokens: 5_000,
});

const route = (name: string, backendName = "nova") => ({
  models: [name],
  selection: { type: "Ordered" },
  candidates: [{ backend: { name: backendName } }],
});

const tenant = (name: string) => ({
  subjects: [
    {
      type: "ApiKey",
      apiKey: { id: "first", sha256: createHash("sha256").update(name).digest("hex") },
    },
  ],
  routes: { selector: {} },
});

/** A valid spec of each kind; of routes and tenants the names decide what is unique. */
export const specs: Readonly<Record<Kind, (name: string) => object>> = {
  ModelBackend: backend,
  ModelRoute: route,
  TenantPolicy: tenant,
};

export { route as routeSpec };
