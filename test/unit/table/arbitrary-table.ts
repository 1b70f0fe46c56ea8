import * as fc from "fast-check";

import type {
  BackendEntry,
  BudgetEntry,
  RouteEntry,
  RoutingTable,
  TenantEntry,
  TokenEntry,
} from "../../../src/table/index.ts";
import { arbitraryFilters } from "./arbitrary-filters.ts";
import { arbitraryPlans } from "./arbitrary-plans.ts";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const text = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });
const count = fc.nat();
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const optional = { requiredKeys: [] };

const envelope = fc.record(
  { firstTokenP95Ms: count, totalP95Ms: count, maxMicroUsd: count },
  optional,
);

const whole = fc.integer({ min: 1 });

const budget: fc.Arbitrary<BudgetEntry> = fc
  .tuple(
    fc.record({
      window: fc.constantFrom("Hour" as const, "Day" as const, "Month" as const),
      timeZone: text,
      onExceeded: fc.constantFrom("Reject" as const, "Downgrade" as const, "Observe" as const),
    }),
    fc.oneof(fc.record({ microUsd: count }), fc.record({ tokens: count })),
  )
  .map(([window, bound]) => ({ ...window, ...bound }));

const tokenPrices = fc.record(
  { input: count, output: count, cacheRead: count },
  { requiredKeys: ["input", "output"] },
);

const plainBackend: fc.Arbitrary<Omit<BackendEntry, "name">> = fc.record({
  target: fc.oneof(
    fc.record({ type: fc.constant("Bedrock" as const), modelId: text, region: text }),
    fc.record({
      type: fc.constant("SageMaker" as const),
      endpointName: text,
      region: text,
      payload: fc.constantFrom("OpenAIChat" as const, "HuggingFaceTGI" as const),
    }),
  ),
  credentials: fc.oneof(
    fc.constant({ type: "Ambient" as const }),
    fc.record({ type: fc.constant("AssumeRole" as const), roleArn: text, externalId: text }),
  ),
  prices: fc.record({ tokens: tokenPrices, instanceHour: count }, optional),
  tier: fc.constantFrom("Small" as const, "Medium" as const, "Large" as const, "Frontier" as const),
  expectations: fc.record({
    firstTokenP95Ms: count,
    tokensPerSecond: fc.integer({ min: 1, max: 900 }),
  }),
  capabilities: fc.subarray(["Embeddings" as const, "Streaming" as const, "Tools" as const]),
  contextWindow: fc.integer({ min: 1 }),
  maxOutputTokens: fc.integer({ min: 1 }),
  dataClasses: fc.array(text, { maxLength: 3 }),
  processingRegions: fc.option(fc.array(text, { maxLength: 3 })),
  timeouts: fc.constant({ connectMs: 1_000, firstTokenMs: 2_000, idleMs: 3_000, totalMs: 4_000 }),
});

const ability = fc.record({
  model: sha256,
  weights: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 33 }),
});

const backendBody = fc
  .tuple(plainBackend, fc.oneof(fc.constant({}), fc.record({ ability })))
  .map(([backend, fitted]) => ({ ...backend, ...fitted }));

const plainRoute: fc.Arbitrary<Omit<RouteEntry, "name" | "models" | "candidates">> = fc.record({
  type: fc.constantFrom("Chat" as const, "Embeddings" as const),
  access: fc.constantFrom("Tenants" as const, "Anonymous" as const),
  labels: fc.dictionary(name, text, { maxKeys: 3 }),
  envelope,
  quality: fc.record({
    floorPercent: fc.nat({ max: 100 }),
    assurance: fc.constant("Estimated" as const),
  }),
  baseline: name,
  selection: fc.constantFrom(
    "Ordered" as const,
    "Weighted" as const,
    "CheapestWithinEnvelope" as const,
  ),
  fallback: fc.record(
    {
      when: fc.constant(["RateLimited" as const]),
      maxAttempts: fc.integer({ min: 1, max: 10 }),
      totalTimeoutMs: fc.constant(60_000),
      retryBudgetPercent: fc.nat({ max: 100 }),
      hedge: fc.constant({ afterPercentile: 95, maxSharePercent: 5 }),
    },
    { requiredKeys: ["when", "maxAttempts", "totalTimeoutMs", "retryBudgetPercent"] },
  ),
  createdAt: count,
});

const safety = fc.oneof(fc.constant({}), fc.record({ safety: arbitraryFilters }));

const arms = fc.record(
  {
    shadowPercent: fc.nat({ max: 50 }),
    controlPercent: fc.nat({ max: 50 }),
    comparison: fc.oneof(
      fc.constant({ type: "Agreement" as const }),
      fc.record({ type: fc.constant("Judge" as const), judge: name }),
    ),
  },
  { requiredKeys: ["shadowPercent", "controlPercent"] },
);

const pinned = fc.record({ since: count, reason: text });

const routeBody = fc
  .tuple(plainRoute, safety, fc.record({ arms, pinned }, optional))
  .map(([route, filters, apart]) => ({ ...route, ...filters, ...apart }));

const token: fc.Arbitrary<TokenEntry> = fc.record(
  {
    id: text,
    type: fc.constantFrom("Jwt" as const, "ServiceAccount" as const),
    issuer: text,
    keys: fc.oneof(
      fc.record({ type: fc.constant("Jwks" as const), uri: text }),
      fc.record({ type: fc.constantFrom("Discovery" as const, "Cluster" as const) }),
    ),
    audience: text,
    algorithms: fc.array(fc.constantFrom("RS256" as const, "ES384" as const, "EdDSA" as const), {
      minLength: 1,
      maxLength: 3,
    }),
    claim: text,
    value: text,
    since: fc.nat(),
  },
  { requiredKeys: ["id", "type", "keys", "audience", "algorithms", "claim", "value", "since"] },
);

const tenantBody: fc.Arbitrary<Omit<TenantEntry, "name" | "keys">> = fc.record(
  {
    denied: fc.record({ message: text }),
    tokens: fc.array(token, { maxLength: 3 }),
    routes: fc.option(
      fc.record(
        {
          matchLabels: fc.dictionary(name, text, { maxKeys: 2 }),
          matchExpressions: fc.array(
            fc.record({ key: name, operator: fc.constant("Exists" as const) }),
            {
              maxLength: 2,
            },
          ),
        },
        optional,
      ),
    ),
    allowedBackends: fc.option(fc.array(name, { maxLength: 3 })),
    residencyRegions: fc.option(fc.array(text, { maxLength: 3 })),
    dataClasses: fc.array(text, { maxLength: 3 }),
    envelope,
    safety: arbitraryFilters,
    budgets: fc.array(budget, { maxLength: 3 }),
    rateLimits: fc.record(
      { requestsPerMinute: whole, tokensPerMinute: whole, concurrent: whole },
      optional,
    ),
    enforcement: fc.constantFrom("Enforce" as const, "Observe" as const),
    storeFailure: fc.constantFrom("FailOpen" as const, "FailClosed" as const),
  },
  {
    requiredKeys: [
      "routes",
      "allowedBackends",
      "residencyRegions",
      "dataClasses",
      "envelope",
      "budgets",
      "rateLimits",
      "enforcement",
      "storeFailure",
    ],
  },
);

const withoutPlans: fc.Arbitrary<Omit<RoutingTable, "plans">> = fc
  .record({
    group: fc.record({ namespace: name, routerClass: name }),
    backends: fc.dictionary(name, backendBody, { maxKeys: 8 }),
    routes: fc.dictionary(name, routeBody, { maxKeys: 12 }),
    tenants: fc.dictionary(name, tenantBody, { maxKeys: 6 }),
    keys: fc.uniqueArray(sha256, { maxLength: 6 }),
    classifier: fc.option(sha256, { nil: undefined }),
    maxSharePercent: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ group, backends, routes, tenants, keys, classifier, maxSharePercent }) => ({
    schemaVersion: 1,
    group,
    backends: named(backends, (body, at) => ({ ...body, name: at })),
    routes: named(routes, (body, at) => ({
      ...body,
      name: at,
      models: [`model of ${at}`],
      candidates: Object.keys(backends)
        .slice(0, 3)
        .map((backend, weight) => ({
          backend,
          weight,
          ...(weight === 2 ? { maxSharePercent } : {}),
        })),
      // A group has one classifier of its own, which not every route wants.
      ...(classifier === undefined || at < "h" ? {} : { classifier }),
    })),
    tenants: named(tenants, (body, at, index) => ({
      ...body,
      name: at,
      keys: keys.slice(index, index + 1).map((hash) => ({ id: "key", sha256: hash })),
    })),
  }));

/** Tables that decode accepts: candidates exist, models and keys stand once. */
export const arbitraryTable: fc.Arbitrary<RoutingTable> = withoutPlans.chain((table) =>
  arbitraryPlans(table.routes).map((plans) => ({ ...table, plans })),
);

function named<Body, Entry>(
  bodies: Record<string, Body>,
  finish: (body: Body, name: string, index: number) => Entry,
): Record<string, Entry> {
  return Object.fromEntries(
    Object.entries(bodies).map(([at, body], index) => [at, finish(body, at, index)]),
  );
}
