import type { Credentials, Transport } from "./aws-access.ts";
import type { DriftPin } from "./drift-report.ts";
import type { FilterEntry } from "./filter-entry.ts";
import type { PlanEntry } from "./plan-entry.ts";

/** The version of the table's shape. Routers read this one and the one before it. */
export const schemaVersion = 1;

/** What compile makes of one group's resources, and all that a router knows of the world. */
export interface RoutingTable {
  schemaVersion: typeof schemaVersion;
  /** A group is the routes of one (namespace, routerClass). */
  group: { namespace: string; routerClass: string };
  /** By the name of the resource; no name stands twice. */
  backends: Readonly<Record<string, BackendEntry>>;
  routes: Readonly<Record<string, RouteEntry>>;
  tenants: Readonly<Record<string, TenantEntry>>;
  /** By `planName`: a route's name, or `route/tenant`. */
  plans: Readonly<Record<string, PlanEntry>>;
}

export type Capability =
  | "Tools"
  | "Vision"
  | "Documents"
  | "JsonSchema"
  | "Reasoning"
  | "PromptCaching"
  | "Streaming"
  | "Embeddings";

export type Tier = "Small" | "Medium" | "Large" | "Frontier";

export interface BedrockTarget {
  type: "Bedrock";
  /** A model id, an inference profile's id, or an ARN. */
  modelId: string;
  region: string;
  endpoint?: string;
  guardrail?: { id: string; version: string };
  serviceTier?: string;
  /** Absent: Lean. */
  transport?: Transport;
}

export interface SageMakerTarget {
  type: "SageMaker";
  endpointName: string;
  region: string;
  inferenceComponent?: string;
  targetVariant?: string;
  payload: "OpenAIChat" | "HuggingFaceTGI";
  endpoint?: string;
  /** Absent: Lean. */
  transport?: Transport;
}

/** Whole pico-USD a token, which is the same number as micro-USD per million tokens: exact, and summed without rounding. */
export interface TokenPrices {
  input: number;
  output: number;
  /** Of input tokens; where one of these is absent the input price holds. */
  cacheRead?: number;
  cacheWrite5m?: number;
  cacheWrite1h?: number;
}

export interface Prices {
  /** Absent where the backend is paid by the hour alone. */
  tokens?: TokenPrices;
  /** Prices of a request whose input is longer than `overTokens`. */
  longContext?: { overTokens: number; tokens: TokenPrices };
  /** Pico-USD a text unit of a guardrail. */
  guardrailUnit?: number;
  /** Micro-USD an hour of the instance behind the backend. */
  instanceHour?: number;
}

export interface AbilityEntry {
  /** Digest of the classifier model. */
  model: string;
  /** The constant, then a weight for each head. */
  weights: readonly number[];
}

export interface BackendEntry {
  name: string;
  target: BedrockTarget | SageMakerTarget;
  credentials: Credentials;
  prices: Prices;
  tier: Tier;
  /** How well it answers, as a stage of its own over the heads of the classifier with this digest; absent, or for another classifier: as its tier does. */
  ability?: AbilityEntry;
  /** What a router believes of the backend until it has seen traffic. */
  expectations: { firstTokenP95Ms: number; tokensPerSecond: number };
  /** Sorted. */
  capabilities: readonly Capability[];
  /** Tokens of input and output together. */
  contextWindow: number;
  maxOutputTokens: number;
  embeddingDimensions?: number;
  /** What it is cleared for; sorted. */
  dataClasses: readonly string[];
  /** Every region in which its data may be processed; null where that is not known, which residency never accepts. */
  processingRegions: readonly string[] | null;
  timeouts: { connectMs: number; firstTokenMs: number; idleMs: number; totalMs: number };
  /** When it is left out of chains for a while; absent: never. */
  outlier?: {
    consecutiveFailures: number;
    errorPercent: number;
    slowPercent: number;
    ejectForMs: number;
  };
  /** How many calls of one router it bears, and how many more may wait for a place; absent: any number. */
  concurrency?: { max: number; maxQueued: number };
}

export interface Envelope {
  firstTokenP95Ms?: number;
  totalP95Ms?: number;
  /** Whole micro-USD. */
  maxMicroUsd?: number;
}

/** Why a chain may move on to its next candidate. */
export type FallbackReason =
  | "RateLimited"
  | "ServerError"
  | "Timeout"
  | "SlowFirstToken"
  | "StreamBroken"
  | "Unavailable"
  | "ContextOverflow"
  | "ProviderRefused"
  | "FilterBlocked";

export type Selection = "CheapestWithinEnvelope" | "Ordered" | "Weighted";

export interface CandidateEntry {
  backend: string;
  weight: number;
  /** Of the route's requests; absent: any share. */
  maxSharePercent?: number;
}

/** Shares of a route's requests that are routed apart, drawn without regard to what they say. */
export interface ArmsEntry {
  /** Answered by another candidate as well, unseen by the client. */
  shadowPercent: number;
  /** Served by the baseline. */
  controlPercent: number;
  /** How a shadow's answer is compared with the one that was sent; absent: it is not. */
  comparison?: { type: "Agreement" } | { type: "Judge"; judge: string };
}

export interface RouteEntry {
  name: string;
  type: "Chat" | "Embeddings";
  /** The names that clients send; unique in the group. */
  models: readonly string[];
  access: "Tenants" | "Anonymous";
  /** The route's own labels, which a tenant's selector is matched with. */
  labels: Readonly<Record<string, string>>;
  envelope: Envelope;
  quality: { floorPercent: number; assurance: "Certified" | "Estimated" };
  /** The candidate that quality is measured against; it may have left the candidates, and then nothing is measured. */
  baseline: string;
  selection: Selection;
  /** In the author's order. Backends that the table lacks have been left out, so that none may be left: such a route answers with an error that says so. */
  candidates: readonly CandidateEntry[];
  /** Digest of the classifier model that judges its requests; absent: the one that comes with the release. */
  classifier?: string;
  /** Absent: no traffic is routed apart. */
  arms?: ArmsEntry;
  /** Set while accuracy has drifted: the baseline serves, where a request may use it. */
  pinned?: Pick<DriftPin, "since" | "reason">;
  fallback: {
    when: readonly FallbackReason[];
    maxAttempts: number;
    totalTimeoutMs: number;
    retryBudgetPercent: number;
    /** Absent: no attempt starts before the one before it has failed. */
    hedge?: { afterPercentile: number; maxSharePercent: number };
  };
  /** What its texts must pass, in this order, behind the tenant's filters; absent: nothing. */
  safety?: readonly FilterEntry[];
  /** Milliseconds since the epoch, for `/v1/models`; 0 where the resource does not say. */
  createdAt: number;
}

export interface ApiKeyEntry {
  id: string;
  /** Lower-case hex of the key's SHA-256. The key itself is nowhere. */
  sha256: string;
  /** Milliseconds since the epoch. */
  notBefore?: number;
  expiresAt?: number;
}

/** Signed with a private key: who knows only what verifies a token can make none. */
export type SignatureAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA";

/** Where an issuer's public keys are. */
export type KeySource =
  | { type: "Jwks"; uri: string }
  /** Found through the issuer's OpenID configuration. */
  | { type: "Discovery" }
  /** The API server of the router's own cluster. */
  | { type: "Cluster" };

/** Tokens of an issuer, of which a claim tells that they are the tenant's. */
export interface TokenEntry {
  /** What records call the subject; says nothing of its claims. */
  id: string;
  type: "Jwt" | "ServiceAccount";
  /** As tokens' `iss` has it; absent: what the API server says that it is. */
  issuer?: string;
  keys: KeySource;
  audience: string;
  algorithms: readonly SignatureAlgorithm[];
  claim: string;
  value: string;
  /** When the policy was made, in milliseconds since the epoch: a token that fits two tenants is the older one's. */
  since: number;
}

export interface LabelSelector {
  matchLabels?: Readonly<Record<string, string>>;
  matchExpressions?: readonly {
    key: string;
    operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    values?: readonly string[];
  }[];
}

/** A bound on what a tenant spends or uses within a calendar window; one of `microUsd` and `tokens` is set. */
export interface BudgetEntry {
  window: "Hour" | "Day" | "Month";
  /** Of the IANA database; the window begins by its clocks. */
  timeZone: string;
  /** Whole micro-USD. */
  microUsd?: number;
  /** Of input and output together. */
  tokens?: number;
  onExceeded: "Reject" | "Downgrade" | "Observe";
}

/** Absent members bound nothing. */
export interface RateLimitsEntry {
  requestsPerMinute?: number;
  /** Of input and output together. */
  tokensPerMinute?: number;
  /** Requests that are open at a time. */
  concurrent?: number;
}

export interface TenantEntry {
  name: string;
  /** Set where the policy is invalid: its subjects are known and refused. */
  denied?: { message: string };
  keys: readonly ApiKeyEntry[];
  /** Absent: none. */
  tokens?: readonly TokenEntry[];
  /** Null: no route. An empty selector matches every route. */
  routes: LabelSelector | null;
  /** Null: every backend. */
  allowedBackends: readonly string[] | null;
  /** Null: any region. */
  residencyRegions: readonly string[] | null;
  /** What its traffic may hold: a backend must be cleared for all of them. */
  dataClasses: readonly string[];
  /** Ceilings over the route's own envelope. */
  envelope: Envelope;
  /** What its texts must pass on every route, in this order, before the route's filters; absent: nothing. */
  safety?: readonly FilterEntry[];
  /** In the author's order. */
  budgets: readonly BudgetEntry[];
  rateLimits: RateLimitsEntry;
  /** Observe: what the policy would have refused is said and let pass. */
  enforcement: "Enforce" | "Observe";
  /** What requests get while the store that counts is out of reach. */
  storeFailure: "FailOpen" | "FailClosed";
  /** Set where the tenant wants a plan of its own; absent: the routes' pooled plans serve it. */
  plan?: { enabled: true };
}
