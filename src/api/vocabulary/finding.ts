import type { Kind } from "../kinds/kind-names.ts";
import type { Severity } from "./severity.ts";
import type { Reason } from "./reasons.ts";

/** Which resource is spoken of. */
export interface ResourceRef {
  kind: Kind | "ConfigMap";
  namespace: string;
  name: string;
}

/** A judgement of compile on one resource: an expected answer, never thrown. */
export interface Finding {
  severity: Severity;
  reason: Reason;
  /** A sentence that says what is wrong and what to do. */
  message: string;
  ref: ResourceRef;
  /** The field that is meant, such as `spec.candidates[1].backend`. */
  path?: string;
}
