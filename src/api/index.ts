// The declared world: what people write in YAML. Owns the three kinds as zod schemas with their
// defaults and rules, the CRDs that are made from them, reading manifests and golden sets with the lines that they
// stand on, the vocabulary of findings, conditions and reasons, and the list of fields that this
// release does not enforce. It looks at one resource at a time: what two resources have to do with
// each other is compile's. It must know neither tables, routers nor how a cluster is reached.
export {
  annotations,
  conditionTypes,
  driftConditionTypes,
  type Condition,
  type ConditionType,
} from "./vocabulary/conditions.ts";
export type { ModelBackend, ModelRoute, Resource, TenantPolicy } from "./resource.ts";
export type { GoldenCheck, GoldenItem, GoldenSet } from "./golden-set/golden-set.ts";
export { readGoldenSet, type GoldenSetRead } from "./golden-set/read-golden-set.ts";
export type { EnvelopeSpec } from "./kinds/envelope.ts";
export type { ModelBackendSpec } from "./kinds/model-backend.ts";
export type { FallbackReason } from "./kinds/route-members.ts";
export type { ModelRouteSpec } from "./kinds/model-route.ts";
export type { SafetyFilter } from "./kinds/safety-filter.ts";
export { readSubject, type Subject } from "./kinds/subject.ts";
export type { TenantPolicySpec } from "./kinds/tenant-policy.ts";
export { group, isKind, kindNames, type Kind } from "./kinds/kind-names.ts";
export {
  contentPath,
  holdsLabel,
  toConfigMap,
  type ConfigMapManifest,
  type ConfigMapReading,
  type Holding,
} from "./manifests/config-map.ts";
export type { Manifest, Metadata, Source } from "./manifests/manifest.ts";
export { parseResource } from "./manifests/parse-resource.ts";
export { closestName } from "./manifests/closest-name.ts";
export { pathOf, pathText, problemText, type Path, type Problem } from "./manifests/problem.ts";
export { readFilters } from "./manifests/read-filters.ts";
export { problemAt } from "./manifests/check-shape.ts";
export { readManifests, type ManifestsRead } from "./manifests/read-manifests.ts";
export { toManifest, type Reading } from "./manifests/to-manifest.ts";
export type { Finding, ResourceRef } from "./vocabulary/finding.ts";
export type { Severity } from "./vocabulary/severity.ts";
export { reasons, type Reason, type ReasonEntry } from "./vocabulary/reasons.ts";
export {
  customResourceDefinition,
  pluralOf,
  resourceSchema,
} from "./crd/custom-resource-definition.ts";
export { children, lintSchema } from "./crd/lint-schema.ts";
export { structuralSchema, type SchemaNode } from "./crd/structural.ts";
export { lintTexts, repeatedManifests } from "./manifests/lint-texts.ts";
export {
  notImplemented,
  notImplementedIn,
  type Effect,
  type NotImplemented,
  type NotImplementedField,
} from "./not-implemented.ts";
