import type { ChatRequest } from "../../../src/openai/index.ts";
import {
  BackendHealth,
  needsOf,
  type Draws,
  type Estimator,
  type RequestNeeds,
} from "../../../src/routing/index.ts";
import type {
  BackendEntry,
  Certificate,
  Plan,
  PlanEntry,
  RouteEntry,
  TenantEntry,
} from "../../../src/table/index.ts";

/** A clock that stands until a test moves it. */
export function standingClock(): { now(): number; elapsed(): number; advance(ms: number): void } {
  let time = 1_000;
  return {
    now: () => time,
    elapsed: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
}

/** Draws nothing apart: no newer plan, no control arm, and of weights the first. */
export const plainDraws: Draws = { weight: 0, control: 0.999_999, rollout: 0.999_999 };

/** A classifier that judges as a test says, by backend. */
export function judging(
  p: Readonly<Record<string, number>>,
  { digest = "judge", tokens = 100, unfamiliar = [] as readonly string[] } = {},
): Estimator {
  return {
    digest,
    judge: () => ({
      source: unfamiliar.length > 0 ? "tier" : "classifier",
      unfamiliar,
      pCorrect: ({ name }) => p[name] ?? 0,
      outputTokens: () => tokens,
    }),
  };
}

/** The health of backends that nobody has called yet. */
export const allWell = (): BackendHealth => new BackendHealth(standingClock(), () => 0);

/** Fails the backend until it is ejected. Its entry has to say when that is. */
export function eject(backend: BackendEntry, health: BackendHealth): void {
  const outlier = backend.outlier ?? watchful;
  for (let failure = 0; failure < outlier.consecutiveFailures; failure += 1) {
    health.note(health.begin({ ...backend, outlier }), { result: "failed" });
  }
}

/** When backends are ejected where nobody has said otherwise. */
export const watchful = {
  consecutiveFailures: 5,
  errorPercent: 50,
  slowPercent: 50,
  ejectForMs: 30_000,
} as const;

export function backendEntry(name: string, changes: Partial<BackendEntry> = {}): BackendEntry {
  return {
    name,
    target: { type: "Bedrock", modelId: `vendor.${name}`, region: "us-east-1" },
    credentials: { type: "Ambient" },
    prices: { tokens: { input: 1_000_000, output: 5_000_000 } },
    tier: "Medium",
    expectations: { firstTokenP95Ms: 800, tokensPerSecond: 100 },
    capabilities: ["JsonSchema", "Streaming", "Tools"],
    contextWindow: 200_000,
    maxOutputTokens: 8_192,
    dataClasses: [],
    processingRegions: ["us-east-1"],
    timeouts: { connectMs: 1_000, firstTokenMs: 8_000, idleMs: 10_000, totalMs: 60_000 },
    ...changes,
  };
}

/** Token prices in whole USD per million tokens. */
export function pricedAt(input: number, output: number): BackendEntry["prices"] {
  return { tokens: { input: input * 1e6, output: output * 1e6 } };
}

export function routeEntry(
  backends: readonly BackendEntry[],
  changes: Partial<RouteEntry> = {},
): RouteEntry {
  return {
    name: "chat",
    type: "Chat",
    models: ["assistant"],
    access: "Tenants",
    labels: {},
    envelope: {},
    quality: { floorPercent: 95, assurance: "Estimated" },
    baseline: backends.at(-1)?.name ?? "none",
    selection: "CheapestWithinEnvelope",
    candidates: backends.map(({ name }) => ({ backend: name, weight: 1 })),
    fallback: {
      when: ["ServerError"],
      maxAttempts: 3,
      totalTimeoutMs: 60_000,
      retryBudgetPercent: 20,
    },
    createdAt: 0,
    ...changes,
  };
}

export function tenantEntry(changes: Partial<TenantEntry> = {}): TenantEntry {
  return {
    name: "acme",
    keys: [],
    routes: {},
    allowedBackends: null,
    residencyRegions: null,
    dataClasses: [],
    envelope: {},
    budgets: [],
    rateLimits: {},
    enforcement: "Enforce",
    storeFailure: "FailOpen",
    ...changes,
  };
}

export function byName(backends: readonly BackendEntry[]): Record<string, BackendEntry> {
  return Object.fromEntries(backends.map((backend) => [backend.name, backend]));
}

function chatRequest(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "assistant", messages: [{ role: "user", content: "Say hello" }], ...changes };
}

export function chatNeeds(changes: Partial<ChatRequest> = {}): RequestNeeds {
  return needsOf(chatRequest(changes));
}

/** A plan that allows these backends, certified for a floor of 95 % of frontier's correctness. */
export function planOf(
  backends: readonly BackendEntry[],
  { lambda = 0, handicaps = {}, ...changes }: PlanChanges = {},
): Plan {
  return {
    digest: "plan",
    lambda,
    candidates: backends.map(({ name }) => ({ backend: name, handicap: handicaps[name] ?? 0 })),
    model: "judge",
    certificate: certificateOf(),
    ...changes,
  };
}

type PlanChanges = Partial<Plan> & { handicaps?: Readonly<Record<string, number>> };

/** One that `now: 0` finds valid. */
export function certificateOf(changes: Partial<Certificate> = {}): Certificate {
  return {
    floorPercent: 95,
    baseline: "frontier",
    confidence: 0.97,
    lowerBound: 0.01,
    labels: { golden: 300, shadow: 0, feedback: 0 },
    issuedAt: -1_000,
    expiresAt: 1_000,
    prices: "prices",
    ...changes,
  };
}

/** The route's pooled entry with a plan in force. */
export function planEntryOf(current: Plan | null, changes: Partial<PlanEntry> = {}): PlanEntry {
  return { route: "chat", tenant: null, current, ...changes };
}
