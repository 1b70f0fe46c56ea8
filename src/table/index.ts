// The compiled artefact between compile and routers. Owns the RoutingTable: its types, canonical
// encoding, schema version, buckets and digests. It knows neither Kubernetes nor the kinds that the
// table was compiled from, and it holds no secret.
export { schemaVersion } from "./routing-table.ts";
export type {
  ApiKeyEntry,
  BackendEntry,
  BedrockTarget,
  Capability,
  Credentials,
  Envelope,
  FallbackReason,
  LabelSelector,
  Prices,
  RouteEntry,
  RoutingTable,
  SageMakerTarget,
  Selection,
  TenantEntry,
  Tier,
  TokenPrices,
  Transport,
} from "./routing-table.ts";
