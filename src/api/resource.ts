import type { Kind } from "./kinds/kind-names.ts";
import type { ModelBackendSpec } from "./kinds/model-backend.ts";
import type { ModelRouteSpec } from "./kinds/model-route.ts";
import type { TenantPolicySpec } from "./kinds/tenant-policy.ts";
import type { Metadata, Source } from "./manifests/manifest.ts";

interface Typed<Name extends Kind, Spec> {
  apiVersion: string;
  kind: Name;
  metadata: Metadata;
  /** Checked, with the defaults filled in. */
  spec: Spec;
  source?: Source;
}

export type ModelBackend = Typed<"ModelBackend", ModelBackendSpec>;
export type ModelRoute = Typed<"ModelRoute", ModelRouteSpec>;
export type TenantPolicy = Typed<"TenantPolicy", TenantPolicySpec>;

export type Resource = ModelBackend | ModelRoute | TenantPolicy;
