import { err, ok, type Result } from "../lib/index.ts";
import type { TenantEntry } from "../table/index.ts";
import type { Credential } from "./credential.ts";
import { findKey, type KeyIndex, type KnownKey } from "./key-index.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";

export interface Identity {
  /** Null: an anonymous caller. */
  tenant: TenantEntry | null;
  /** Of the key that was shown; the key itself goes nowhere. */
  keyId?: string;
}

/** A tenant, or why the caller is none: what that means depends on the route that it asks for. */
export type Identification = Result<Identity, Refusal>;

const refuse = (code: RefusalCode, message: string): Identification => err({ code, message });

const missing = refuse(
  "missing_api_key",
  'An API key is missing: send it in the Authorization header, as "Bearer", a space and the key.',
);
const unknown = refuse(
  "invalid_api_key",
  "The API key is not valid here: check that it is whole, and meant for this endpoint.",
);

/** @param now milliseconds since the epoch */
export function identify(credential: Credential, keys: KeyIndex, now: number): Identification {
  if (credential.kind === "none") return missing;
  if (credential.kind === "malformed") return refuse("invalid_api_key", credential.message);
  const known = findKey(keys, credential.value);
  return known === undefined ? unknown : judge(known, now);
}

/** A denied tenant is refused whatever its key's dates say. */
function judge({ tenant, key }: KnownKey, now: number): Identification {
  const shown = { keyId: key.id, tenant: tenant.name };
  if (tenant.denied !== undefined) {
    const message =
      "Your tenant is denied all use at present: its policy is not valid. Ask whoever keeps it.";
    return err({ code: "tenant_denied", message, ...shown });
  }
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    return err({
      code: "expired_api_key",
      message: "The API key has expired: use a newer one.",
      ...shown,
    });
  }
  if (key.notBefore !== undefined && now < key.notBefore) {
    return err({
      code: "invalid_api_key",
      message: "The API key is not valid yet: use it later.",
      ...shown,
    });
  }
  return ok({ tenant, keyId: key.id });
}
