import { ApiError } from "../openai/index.ts";
import type { RouteEntry, TenantEntry } from "../table/index.ts";
import {
  admit as decide,
  readCredential,
  type Identification,
  type Refusal,
  type SubjectType,
} from "../tenancy/index.ts";
import type { GuardrailCall } from "./guardrail-call.ts";
import type { ParsedRequest } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { Inspection } from "./safety/inspection.ts";
import type { DrawnShadow } from "./shadow/shadow-draw.ts";
import type { Snapshot } from "./snapshot.ts";

export interface IdentifiedRequest extends ParsedRequest {
  snapshot: Snapshot;
  identification: Identification;
}

export interface AdmittedRequest extends IdentifiedRequest {
  route: RouteEntry;
  /** Null: an anonymous caller. */
  tenant: TenantEntry | null;
  /** Of the key or token that was shown. */
  keyId: string | null;
  subjectType: SubjectType | null;
  /** Filled by the stages to come, for the ledger. */
  guardrailCalls: GuardrailCall[];
  /** Filled likewise: the bounds that would have refused it, were the tenant's policy enforced. */
  wouldRefuse: string[];
  /** Its way past the filters; absent where none applies. */
  inspection?: Inspection | undefined;
  /** Set where another candidate is to answer it as well. */
  shadow?: DrawnShadow | undefined;
}

/**
 * Tells who calls; what that means depends on the route that is asked for.
 *
 * @returns a promise only for a token that has not been verified before
 * @throws ApiError before the first table
 */
export function identify(
  parsed: ParsedRequest,
  { callers }: RouterParts,
): IdentifiedRequest | Promise<IdentifiedRequest> {
  const snapshot = requireSnapshot(parsed.snapshot);
  const found = callers.identify(readCredential(parsed.headers), snapshot);
  return found instanceof Promise
    ? found.then((identification) => ({ ...parsed, snapshot, identification }))
    : { ...parsed, snapshot, identification: found };
}

/** @throws AdmissionRefused: no valid key or token, or no such model for this caller */
export function admit(identified: IdentifiedRequest): AdmittedRequest {
  const { identification, snapshot, asked } = identified;
  const admission = decide(identification, snapshot.routes, asked.request.model);
  if (!admission.ok) throw new AdmissionRefused(admission.error);
  const { route, identity } = admission.value;
  const { tenant, keyId = null, subjectType = null } = identity;
  return { ...identified, route, tenant, keyId, subjectType, guardrailCalls: [], wouldRefuse: [] };
}

/** @throws ApiError before the first table */
export function requireSnapshot(snapshot: Snapshot | undefined): Snapshot {
  if (snapshot === undefined) {
    throw new ApiError("not_ready", "The router has no routing table yet; try again in a moment", {
      headers: { "retry-after": "1" },
    });
  }
  return snapshot;
}

/** A refusal of a caller who may be known: the record says so, the client is not told. */
export class AdmissionRefused extends Error {
  readonly answer: ApiError;
  readonly refused: Refusal;

  constructor(refused: Refusal) {
    super(refused.message);
    this.name = "AdmissionRefused";
    this.answer = refusalError(refused);
    this.refused = refused;
  }
}

export function refusalError({ code, message, param, retryAfterMs }: Refusal): ApiError {
  const headers = {
    ...challenge(code),
    ...(retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }),
  };
  return new ApiError(code, message, { param, headers });
}

/** What RFC 6750 has a client told; one that showed nothing is told of no error. */
function challenge(code: Refusal["code"]): Record<string, string> {
  const realm = 'Bearer realm="switchyard"';
  switch (code) {
    case "missing_api_key":
      return { "www-authenticate": realm };
    case "invalid_api_key":
    case "expired_api_key":
    case "invalid_token":
    case "expired_token":
      return { "www-authenticate": `${realm}, error="invalid_token"` };
    case "tenant_denied":
      return { "www-authenticate": `${realm}, error="insufficient_scope"` };
    default:
      return {};
  }
}
