import type { Kind, Manifest } from "../../../src/api/index.ts";
import type { ClassSettings, Group } from "../../../src/compile/index.ts";

export const group: Group = { namespace: "default", routerClass: "default" };

export const settings: ClassSettings = {
  endpointHosts: ["*.vpce.amazonaws.com"],
  allowLoopbackEndpoints: false,
  roleArns: [],
};

export function manifest(kind: Kind, name: string, spec: unknown, metadata = {}): Manifest {
  return {
    apiVersion: "switchyard.dev/v1alpha1",
    kind,
    metadata: { name, labels: {}, annotations: {}, ...metadata },
    spec,
  };
}

export const backend = (name: string, members = {}): Manifest =>
  manifest("ModelBackend", name, {
    type: "Bedrock",
    bedrock: { modelId: "amazon.nova-pro-v1:0", region: "eu-central-1" },
    pricing: { inputPerMTok: "0.80", outputPerMTok: "3.20" },
    quality: { tier: "Medium" },
    contextWindow: 300_000,
    ...members,
  });

export const route = (
  name: string,
  candidates: readonly string[],
  members = {},
  metadata = {},
): Manifest =>
  manifest(
    "ModelRoute",
    name,
    {
      models: [name],
      baseline: { name: candidates[0] },
      candidates: candidates.map((each) => ({ backend: { name: each } })),
      ...members,
    },
    metadata,
  );

export const tenant = (
  name: string,
  sha256s: readonly string[],
  members = {},
  metadata = {},
): Manifest =>
  manifest(
    "TenantPolicy",
    name,
    {
      subjects: sha256s.map((sha256, index) => ({
        type: "ApiKey",
        apiKey: { id: `key-${index}`, sha256 },
      })),
      routes: { selector: {} },
      ...members,
    },
    metadata,
  );
