// The folders of YAML that the router of the bench serves, as a user would write them.
import { createHash } from "node:crypto";
import { model, modelId } from "../http/payloads.ts";

/** Of the tenant that calls the router as a whole. */
export const apiKey = "sy_bench-key-that-opens-nothing-else";

const backend = (name: string, upstream: string, prices: readonly [string, string]): string => `
apiVersion: switchyard.dev/v1alpha1
kind: ModelBackend
metadata:
  name: ${name}
spec:
  type: Bedrock
  bedrock:
    modelId: ${modelId}
    region: us-east-1
    endpoint: ${upstream}
  pricing:
    inputPerMTok: "${prices[0]}"
    outputPerMTok: "${prices[1]}"
  quality:
    tier: Medium
  capabilities: [Tools, Streaming]
  contextWindow: 300000
`;

const cheap = ["0.06", "0.24"] as const;
const dear = ["0.80", "3.20"] as const;

/** One backend for everybody: nothing to choose and nobody to know. */
export const transportConfig = (upstream: string): string =>
  [
    backend("first", upstream, cheap),
    `
apiVersion: switchyard.dev/v1alpha1
kind: ModelRoute
metadata:
  name: bench
spec:
  models: [${model}]
  access: Anonymous
  selection:
    type: Ordered
  candidates:
    - backend: { name: first }
`,
  ].join("---");

/** A tenant by its key, a choice between two backends within an envelope, and fallback. */
export const wholeConfig = (upstream: string): string => routedConfig(upstream, {});

/** The same where the first backend stands first, and no request has to be judged. */
export const orderedConfig = (upstream: string): string =>
  routedConfig(upstream, { selection: "Ordered" });

/** The same past the filters that `switchyard inspect` has without a file, at both stages of every chat. */
export const safetyConfig = (upstream: string): string =>
  routedConfig(upstream, {
    more: `  safety:
    - { name: pii, type: Pii, action: Redact, reversible: true }
    - { name: secrets, type: Secrets, action: Redact }
    - { name: prompt-injection, type: PromptInjection, action: Observe }
`,
  });

interface Differences {
  selection?: string;
  /** More members of the route's spec. */
  more?: string;
}

const routedConfig = (
  upstream: string,
  { selection = "CheapestWithinEnvelope", more = "" }: Differences,
): string =>
  [
    backend("first", upstream, cheap),
    backend("second", upstream, dear),
    `
apiVersion: switchyard.dev/v1alpha1
kind: ModelRoute
metadata:
  name: bench
  labels:
    team: bench
spec:
  models: [${model}]
  envelope:
    firstTokenP95: 3s
    maxUsdPerRequest: "0.05"
  selection:
    type: ${selection}
  quality:
    floorPercent: 80
    assurance: Estimated
  baseline:
    name: second
  candidates:
    - backend: { name: first }
    - backend: { name: second }
${more}`,
    `
apiVersion: switchyard.dev/v1alpha1
kind: TenantPolicy
metadata:
  name: bench
spec:
  subjects:
    - type: ApiKey
      apiKey:
        id: bench
        sha256: ${createHash("sha256").update(apiKey).digest("hex")}
  routes:
    selector:
      matchLabels:
        team: bench
`,
  ].join("---");
