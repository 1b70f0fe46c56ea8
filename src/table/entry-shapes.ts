import { z } from "zod";

import type { Bucket, EntryKind } from "./buckets.ts";
import { credentials } from "./credentials-shape.ts";
import { filterShape } from "./filter-shape.ts";
import { planName } from "./plan-digest.ts";
import { planShape } from "./plan-shape.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "./routing-table.ts";

// Strict on purpose: a member that this release does not know may be a restriction, and a router
// that overlooked it would be looser than its table. A new member comes with a new schema version.

const count = z.int().nonnegative();
const whole = z.int().positive();
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const text = z.string().min(1);
const percent = z.int().min(0).max(100);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const capability = z.enum([
  "Tools",
  "Vision",
  "Documents",
  "JsonSchema",
  "Reasoning",
  "PromptCaching",
  "Streaming",
  "Embeddings",
]);

const fallbackReason = z.enum([
  "RateLimited",
  "ServerError",
  "Timeout",
  "SlowFirstToken",
  "StreamBroken",
  "Unavailable",
  "ContextOverflow",
  "ProviderRefused",
  "FilterBlocked",
]);

const target = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("Bedrock"),
    modelId: text,
    region: text,
    endpoint: text.exactOptional(),
    guardrail: z.strictObject({ id: text, version: text }).exactOptional(),
    serviceTier: text.exactOptional(),
    transport: z.enum(["Lean", "Sdk"]).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("SageMaker"),
    endpointName: text,
    region: text,
    inferenceComponent: text.exactOptional(),
    targetVariant: text.exactOptional(),
    payload: z.enum(["OpenAIChat", "HuggingFaceTGI"]),
    endpoint: text.exactOptional(),
    transport: z.enum(["Lean", "Sdk"]).exactOptional(),
  }),
]);

const tokenPrices = z.strictObject({
  input: count,
  output: count,
  cacheRead: count.exactOptional(),
  cacheWrite5m: count.exactOptional(),
  cacheWrite1h: count.exactOptional(),
});

const prices = z.strictObject({
  tokens: tokenPrices.exactOptional(),
  longContext: z.strictObject({ overTokens: count, tokens: tokenPrices }).exactOptional(),
  guardrailUnit: count.exactOptional(),
  instanceHour: count.exactOptional(),
});

const backend = z.strictObject({
  name,
  target,
  credentials,
  prices,
  tier: z.enum(["Small", "Medium", "Large", "Frontier"]),
  ability: z
    .strictObject({ model: digest, weights: z.array(z.number()).min(2).max(33) })
    .exactOptional(),
  expectations: z.strictObject({ firstTokenP95Ms: count, tokensPerSecond: z.number().positive() }),
  capabilities: z.array(capability),
  contextWindow: whole,
  maxOutputTokens: whole,
  embeddingDimensions: whole.exactOptional(),
  dataClasses: z.array(text),
  processingRegions: z.array(text).nullable(),
  timeouts: z.strictObject({
    connectMs: whole,
    firstTokenMs: whole,
    idleMs: whole,
    totalMs: whole,
  }),
  outlier: z
    .strictObject({
      consecutiveFailures: whole,
      errorPercent: percent,
      slowPercent: percent,
      ejectForMs: whole,
    })
    .exactOptional(),
  concurrency: z.strictObject({ max: whole, maxQueued: count }).exactOptional(),
}) satisfies z.ZodType<BackendEntry>;

const envelope = z.strictObject({
  firstTokenP95Ms: count.exactOptional(),
  totalP95Ms: count.exactOptional(),
  maxMicroUsd: count.exactOptional(),
});

const arms = z.strictObject({
  shadowPercent: percent,
  controlPercent: percent,
  comparison: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("Agreement") }),
      z.strictObject({ type: z.literal("Judge"), judge: name }),
    ])
    .exactOptional(),
});

const route = z.strictObject({
  name,
  type: z.enum(["Chat", "Embeddings"]),
  models: z.array(text).min(1),
  access: z.enum(["Tenants", "Anonymous"]),
  labels: z.record(z.string(), z.string()),
  envelope,
  quality: z.strictObject({ floorPercent: percent, assurance: z.enum(["Certified", "Estimated"]) }),
  baseline: name,
  selection: z.enum(["CheapestWithinEnvelope", "Ordered", "Weighted"]),
  candidates: z.array(
    z.strictObject({
      backend: name,
      weight: count,
      maxSharePercent: z.int().min(1).max(100).exactOptional(),
    }),
  ),
  classifier: digest.exactOptional(),
  arms: arms.exactOptional(),
  pinned: z.strictObject({ since: count, reason: text }).exactOptional(),
  fallback: z.strictObject({
    when: z.array(fallbackReason),
    maxAttempts: whole,
    totalTimeoutMs: whole,
    retryBudgetPercent: percent,
    hedge: z.strictObject({ afterPercentile: percent, maxSharePercent: percent }).exactOptional(),
  }),
  safety: z.array(filterShape).exactOptional(),
  createdAt: count,
}) satisfies z.ZodType<RouteEntry>;

const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).exactOptional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: text,
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
});

const budget = z
  .strictObject({
    window: z.enum(["Hour", "Day", "Month"]),
    timeZone: text,
    microUsd: count.exactOptional(),
    tokens: count.exactOptional(),
    onExceeded: z.enum(["Reject", "Downgrade", "Observe"]),
  })
  .refine(({ microUsd, tokens }) => (microUsd === undefined) !== (tokens === undefined), {
    error: "a budget bounds either microUsd or tokens",
  });

const rateLimits = z.strictObject({
  requestsPerMinute: whole.exactOptional(),
  tokensPerMinute: whole.exactOptional(),
  concurrent: whole.exactOptional(),
});

const token = z.strictObject({
  id: text,
  type: z.enum(["Jwt", "ServiceAccount"]),
  issuer: text.exactOptional(),
  keys: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("Jwks"), uri: text }),
    z.strictObject({ type: z.literal("Discovery") }),
    z.strictObject({ type: z.literal("Cluster") }),
  ]),
  audience: text,
  algorithms: z
    .array(
      z.enum([
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
      ]),
    )
    .min(1),
  claim: text,
  value: text,
  since: count,
});

const tenant = z.strictObject({
  name,
  denied: z.strictObject({ message: text }).exactOptional(),
  keys: z.array(
    z.strictObject({
      id: text,
      sha256: digest,
      notBefore: z.int().exactOptional(),
      expiresAt: z.int().exactOptional(),
    }),
  ),
  tokens: z.array(token).exactOptional(),
  routes: selector.nullable(),
  allowedBackends: z.array(text).nullable(),
  residencyRegions: z.array(text).nullable(),
  dataClasses: z.array(text),
  envelope,
  safety: z.array(filterShape).exactOptional(),
  budgets: z.array(budget),
  rateLimits,
  enforcement: z.enum(["Enforce", "Observe"]),
  storeFailure: z.enum(["FailOpen", "FailClosed"]),
  plan: z.strictObject({ enabled: z.literal(true) }).exactOptional(),
}) satisfies z.ZodType<TenantEntry>;

const anything = z.record(name, z.unknown());
const plans = z.record(z.string(), z.unknown());

/** A bucket whose entries have not been looked at. */
export const bucketShape = z.strictObject({
  backends: anything,
  plans,
  routes: anything,
  tenants: anything,
}) satisfies z.ZodType<Record<EntryKind, unknown>>;

export const entryShapes = {
  backends: backend,
  plans: planShape,
  routes: route,
  tenants: tenant,
} as const satisfies {
  [kind in EntryKind]: z.ZodType<Bucket[kind][string]>;
};

/** The key that an entry must stand under. */
export function entryName(entry: Bucket[EntryKind][string]): string {
  return "name" in entry ? entry.name : planName(entry);
}
