import type { z } from "zod";
import type { Kind } from "./kind-names.ts";
import { modelBackendSpec } from "./model-backend.ts";
import { modelRouteSpec } from "./model-route.ts";
import { tenantPolicySpec } from "./tenant-policy.ts";

/** The schema of each kind's `spec`. */
export const specSchemas = {
  ModelBackend: modelBackendSpec,
  ModelRoute: modelRouteSpec,
  TenantPolicy: tenantPolicySpec,
} as const satisfies Record<Kind, z.ZodType>;
