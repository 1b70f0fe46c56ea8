import { createHash } from "node:crypto";
import { simulatedModels } from "../../src/simulators/index.ts";

/** A resource as an author writes it; the YAML is made from it. */
export interface LocalResource {
  apiVersion: string;
  kind: "ModelBackend" | "ModelRoute" | "TenantPolicy";
  metadata: { name: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

/** Short names for what the simulators play. */
export const models = {
  micro: "amazon.nova-micro-v1:0",
  lite: "amazon.nova-lite-v1:0",
  pro: "amazon.nova-pro-v1:0",
  llama: "meta.llama3-1-70b-instruct-v1:0",
  "gpt-oss": "openai.gpt-oss-120b-1:0",
  haiku: "anthropic.claude-3-5-haiku-20241022-v1:0",
  sonnet: "anthropic.claude-sonnet-4-20250514-v1:0",
  titan: "amazon.titan-embed-text-v2:0",
  container: "llama-3-1-8b-chat",
  tgi: "mistral-7b-tgi",
} as const;

type Model = keyof typeof models;

function resource(
  kind: LocalResource["kind"],
  metadata: LocalResource["metadata"],
  spec: LocalResource["spec"],
): LocalResource {
  return { apiVersion: "switchyard.dev/v1alpha1", kind, metadata, spec };
}

/**
 * A backend of a simulated model, named like it, with the capabilities and prices of the catalogue.
 *
 * @param changes members of `spec`; of `target` they are laid over `bedrock` or `sagemaker`
 */
export function backendOf(
  model: Model,
  changes: { name?: string; target?: object; [member: string]: unknown } = {},
): LocalResource {
  const { name = model, target = {}, ...rest } = changes;
  const played = simulatedModels.find(({ id }) => id === models[model]);
  if (played === undefined) throw new Error(`No simulator plays ${model}`);
  const isBedrock = played.service === "bedrock";
  const payload = played.dialect === "tgi" ? "HuggingFaceTGI" : "OpenAIChat";
  const place = isBedrock
    ? { bedrock: { modelId: played.id, region: "us-east-1", ...target } }
    : { sagemaker: { endpointName: played.id, region: "us-east-1", payload, ...target } };
  const dimensions = played.embedding?.defaultDimensions;
  return resource(
    "ModelBackend",
    { name },
    {
      type: isBedrock ? "Bedrock" : "SageMaker",
      ...place,
      pricing: played.pricing,
      quality: { tier: played.tier },
      capabilities: played.capabilities,
      contextWindow: played.contextWindow,
      maxOutputTokens: played.maxOutputTokens,
      ...(dimensions === undefined ? {} : { embedding: { dimensions } }),
      ...rest,
    },
  );
}

interface RouteChanges {
  labels?: Record<string, string>;
  [member: string]: unknown;
}

/** A route in the author's order that needs no key and serves the model of its own name. */
export function routeOf(
  name: string,
  candidates: readonly string[],
  { labels = {}, ...changes }: RouteChanges = {},
): LocalResource {
  return resource(
    "ModelRoute",
    { name, labels },
    {
      models: [name],
      access: "Anonymous",
      selection: { type: "Ordered" },
      candidates: candidates.map((each) => ({ backend: { name: each } })),
      ...changes,
    },
  );
}

/** A tenant known by the key, who may use every route unless the changes say otherwise. */
export function tenantOf(
  name: string,
  key: string,
  { apiKey = {}, ...changes }: { apiKey?: object; [member: string]: unknown } = {},
): LocalResource {
  const sha256 = createHash("sha256").update(key).digest("hex");
  return resource(
    "TenantPolicy",
    { name },
    {
      subjects: [{ type: "ApiKey", apiKey: { id: `${name}-key`, sha256, ...apiKey } }],
      routes: { selector: {} },
      ...changes,
    },
  );
}
