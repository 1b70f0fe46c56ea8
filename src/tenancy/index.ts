// Who calls, what that tenant may use, and how much. Owns API keys, tokens and the keys of their issuers, identity,
// admission to a route, and the counting of budgets and rates, in memory or in Redis. It compares digests and
// verifies signatures, and never keeps a key or token; it knows neither HTTP replies nor what a request asks of
// a model.
export { admit, visibleRoutes, type Admission } from "./admit.ts";
export { Callers, type CallersOptions, type KnownSubjects } from "./callers.ts";
export { readCredential, type Credential } from "./credential.ts";
export { identify, type Identity, type Identification } from "./identify.ts";
export { buildKeyIndex, keyIndexSteps, type KeyIndex } from "./key-index.ts";
export { newApiKey, type NewApiKey } from "./new-api-key.ts";
export { modelNotFound, type Refusal, type RefusalCode, type SubjectType } from "./refusal.ts";
export { buildRouteIndex, routeIndexSteps, type RouteIndex } from "./route-index.ts";
export { keyFetcher, type KeyFetcher, type ReadCluster } from "./tokens/fetch-keys.ts";
export type { FetchKeys, IssuerStatus, TellFetch } from "./tokens/issuer-keys.ts";
export { buildTokenIndex, type TokenIndex } from "./tokens/token-index.ts";
export { MemoryLimitStore } from "./limits/memory-store.ts";
export { emptyBucket, levelAt, pour, runOutMs, type Bucket } from "./limits/leaky-bucket.ts";
export type {
  Amounts,
  Bound,
  BudgetCheck,
  Claim,
  Counted,
  LimitStore,
  Settlement,
} from "./limits/limit-store.ts";
export type { RedisSettings } from "./limits/redis/connection.ts";
export { RedisLimitStore, type StoreObserver } from "./limits/redis/redis-store.ts";
export { rateNames, type PlannedBudget, type TenantPlan } from "./limits/tenant-plan.ts";
export {
  TenantLimits,
  type Expected,
  type JudgedVerdict,
  type Reservation,
  type Reserved,
  type Verdict,
} from "./limits/tenant-limits.ts";
