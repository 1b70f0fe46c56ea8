import { hash } from "node:crypto";
import { err, ok, type Result } from "../lib/index.ts";
import type { TenantEntry } from "../table/index.ts";
import type { Credential } from "./credential.ts";
import { findKey, type KeyIndex, type KnownKey } from "./key-index.ts";
import type { Refusal, RefusalCode, SubjectType } from "./refusal.ts";

export interface Identity {
  /** Null: an anonymous caller. */
  tenant: TenantEntry | null;
  /** Of the key or subject; what was shown goes nowhere. */
  keyId?: string;
  subjectType?: SubjectType;
}

/** A tenant, or why the caller is none: what that means depends on the route that it asks for. */
export type Identification = Result<Identity, Refusal>;

const refuse = (code: RefusalCode, message: string, reason: string): Identification =>
  err({ code, message, reason });

const missing = refuse(
  "missing_api_key",
  'An API key or token is missing: send it in the Authorization header, as "Bearer", a space and the key.',
  "missing",
);
const unknown = refuse(
  "invalid_api_key",
  "The API key is not valid here: check that it is whole, and meant for this endpoint.",
  "unknown_key",
);

/** Of a credential of either form: what keys and tokens are looked up by. */
export const digestOf = (value: string): Buffer => hash("sha256", value, "buffer");

/**
 * Who shows an API key.
 *
 * @param now milliseconds since the epoch
 */
export function identify(credential: Credential, keys: KeyIndex, now: number): Identification {
  if (credential.kind === "none") return missing;
  if (credential.kind === "malformed")
    return refuse("invalid_api_key", credential.message, "malformed");
  return identifyKey(digestOf(credential.value), keys, now) ?? unknown;
}

/** Undefined where nobody has the key of this digest. */
export function identifyKey(
  digest: Buffer,
  keys: KeyIndex,
  now: number,
): Identification | undefined {
  const known = findKey(keys, digest);
  return known && judge(known, now);
}

/** A denied tenant is refused whatever its key's dates say. */
function judge({ tenant, key }: KnownKey, now: number): Identification {
  const shown = { keyId: key.id, subjectType: "ApiKey", tenant: tenant.name } as const;
  if (tenant.denied !== undefined) return err(denial(shown));
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    return err({
      code: "expired_api_key",
      message: "The API key has expired: use a newer one.",
      reason: "expired",
      ...shown,
    });
  }
  if (key.notBefore !== undefined && now < key.notBefore) {
    return err({
      code: "invalid_api_key",
      message: "The API key is not valid yet: use it later.",
      reason: "not_yet_valid",
      ...shown,
    });
  }
  return ok({ tenant, keyId: key.id, subjectType: "ApiKey" });
}

/** Of a tenant that is known and closed. */
export function denial(shown: Pick<Refusal, "keyId" | "subjectType" | "tenant">): Refusal {
  const message =
    "Your tenant is denied all use at present: its policy is not valid. Ask whoever keeps it.";
  return { code: "tenant_denied", message, reason: "tenant_denied", ...shown };
}
