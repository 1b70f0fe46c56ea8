import { ApiError } from "../openai/index.ts";
import type { RouteEntry, TenantEntry } from "../table/index.ts";
import { admit as decide, identify, readCredential, type Refusal } from "../tenancy/index.ts";
import type { ParsedRequest } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { Snapshot } from "./snapshot.ts";

export interface AdmittedRequest extends ParsedRequest {
  /** Kept from here to the end, whatever is loaded meanwhile. */
  snapshot: Snapshot;
  route: RouteEntry;
  /** Null: an anonymous caller. */
  tenant: TenantEntry | null;
  keyId: string | null;
}

/** @throws AdmissionRefused: no valid key, or no such model for this caller; ApiError before the first table */
export function admit(parsed: ParsedRequest, parts: RouterParts): AdmittedRequest {
  const snapshot = requireSnapshot(parts);
  const identification = identify(readCredential(parsed.headers), snapshot.keys, parts.clock.now());
  const admission = decide(identification, snapshot.routes, parsed.asked.request.model);
  if (!admission.ok) throw new AdmissionRefused(admission.error, snapshot);
  const { route, identity } = admission.value;
  return { ...parsed, snapshot, route, tenant: identity.tenant, keyId: identity.keyId ?? null };
}

/** @throws ApiError before the first table */
export function requireSnapshot(parts: RouterParts): Snapshot {
  const snapshot = parts.tables.current;
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
  /** What the record shows of the refused request beside what was known before. */
  readonly known: { refused: Refusal; snapshot: Snapshot };

  constructor(refused: Refusal, snapshot: Snapshot) {
    super(refused.message);
    this.name = "AdmissionRefused";
    this.answer = refusalError(refused);
    this.known = { refused, snapshot };
  }
}

export function refusalError({ code, message, param }: Refusal): ApiError {
  return new ApiError(code, message, { param });
}
