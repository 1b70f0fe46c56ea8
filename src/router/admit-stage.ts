import { ApiError } from "../openai/index.ts";
import type { RouteEntry, TenantEntry } from "../table/index.ts";
import { admit as decide, identify, readCredential, type Refusal } from "../tenancy/index.ts";
import type { GuardrailCall } from "./guardrail-call.ts";
import type { ParsedRequest } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { Snapshot } from "./snapshot.ts";

export interface AdmittedRequest extends ParsedRequest {
  snapshot: Snapshot;
  route: RouteEntry;
  /** Null: an anonymous caller. */
  tenant: TenantEntry | null;
  keyId: string | null;
  /** Filled by the stages to come, for the ledger. */
  guardrailCalls: GuardrailCall[];
  /** Filled likewise: the bounds that would have refused it, were the tenant's policy enforced. */
  wouldRefuse: string[];
}

/** @throws AdmissionRefused: no valid key, or no such model for this caller; ApiError before the first table */
export function admit(parsed: ParsedRequest, parts: RouterParts): AdmittedRequest {
  const snapshot = requireSnapshot(parsed.snapshot);
  const identification = identify(readCredential(parsed.headers), snapshot.keys, parts.clock.now());
  const admission = decide(identification, snapshot.routes, parsed.asked.request.model);
  if (!admission.ok) throw new AdmissionRefused(admission.error);
  const { route, identity } = admission.value;
  const { tenant, keyId = null } = identity;
  return { ...parsed, snapshot, route, tenant, keyId, guardrailCalls: [], wouldRefuse: [] };
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

export function refusalError({ code, message, param }: Refusal): ApiError {
  return new ApiError(code, message, { param });
}
