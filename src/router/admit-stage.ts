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

/** @throws ApiError: not ready, no valid key, or no such model for this caller */
export function admit(parsed: ParsedRequest, parts: RouterParts): AdmittedRequest {
  const snapshot = requireSnapshot(parts);
  const identification = identify(readCredential(parsed.headers), snapshot.keys, parts.clock.now());
  const admission = decide(identification, snapshot.routes, parsed.asked.request.model);
  if (!admission.ok) throw refusalError(admission.error);
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

export function refusalError({ code, message, param }: Refusal): ApiError {
  return new ApiError(code, message, { param });
}
