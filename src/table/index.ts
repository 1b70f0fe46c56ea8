// The compiled artefact between compile and routers. Owns the RoutingTable: its types, canonical
// encoding, schema version, buckets and digests. It knows neither Kubernetes nor the kinds that the
// table was compiled from, and it holds no secret.
export type { Credentials, Transport } from "./aws-access.ts";
export { bucketCount, bucketOf, entryKinds, type EntryKind } from "./buckets.ts";
export { decodeSteps, decodeTable, salvageTable, type KnownBuckets } from "./decode.ts";
export { contentDigest, shortDigest } from "./digest.ts";
export {
  driftOf,
  readDriftReport,
  type DriftFinding,
  type DriftJudgement,
  type DriftPin,
  type DriftRecovery,
  type DriftReport,
  type DriftSignal,
  type DriftState,
  type DriftSummary,
  type RouteDrift,
} from "./drift-report.ts";
export { encodeTable, type EncodedTable } from "./encode.ts";
export type {
  Entity,
  FilterEntry,
  FilterSettings,
  FilterType,
  GuardrailEntry,
  GuardrailFilterSettings,
  OwnFilterSettings,
  PatternSettings,
  PiiSettings,
  TopicsSettings,
  WordListSettings,
} from "./filter-entry.ts";
export { matchesLabels } from "./label-selector.ts";
export { packBucket, packedLimit, unpackBucket, unpackedLimit } from "./pack.ts";
export {
  readAbilityFile,
  readPlanFile,
  type AbilityFile,
  type FittedAbility,
  type PlanFile,
} from "./plan-file.ts";
export { backendMark } from "./backend-mark.ts";
export { planDigest, planName, pricesDigest } from "./plan-digest.ts";
export { certificateLifeMs } from "./plan-entry.ts";
export type {
  Certificate,
  Interval,
  MeasuredQuality,
  Plan,
  PlanEntry,
  PlanEvidence,
  UnsignedPlan,
} from "./plan-entry.ts";
export { changedBuckets, pointerDigest, readPointer, type TablePointer } from "./pointer.ts";
export { schemaVersion } from "./routing-table.ts";
export { tableError, type TableError, type TableErrorCode } from "./table-error.ts";
export type {
  AbilityEntry,
  ApiKeyEntry,
  ArmsEntry,
  BackendEntry,
  BedrockTarget,
  BudgetEntry,
  CandidateEntry,
  Capability,
  Envelope,
  FallbackReason,
  KeySource,
  LabelSelector,
  Prices,
  RateLimitsEntry,
  RouteEntry,
  RoutingTable,
  SageMakerTarget,
  Selection,
  SignatureAlgorithm,
  TenantEntry,
  Tier,
  TokenEntry,
  TokenPrices,
} from "./routing-table.ts";
export {
  acknowledgementAnnotations,
  driftFieldManager,
  publishedAtAnnotation,
  groupLabels,
  managedBy,
  publicationKeys,
  planShards,
  publicationNames,
  type PublicationNames,
  type Slot,
} from "./publication.ts";
