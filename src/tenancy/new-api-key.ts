import { hash, randomBytes } from "node:crypto";

export interface NewApiKey {
  /** Shown once, to whoever will use it. */
  key: string;
  /** Names the key in policies, records and logs; says nothing of it. */
  id: string;
  /** Lower-case hex. */
  sha256: string;
  /** A member of `subjects` of a TenantPolicy, in YAML, ending with a newline. */
  subject: string;
}

const keyBytes = 32;
const idBytes = 6;

/** A new key of 256 random bits; `sy_` lets secret scanners tell what it is. */
export function newApiKey(): NewApiKey {
  const key = `sy_${randomBytes(keyBytes).toString("base64url")}`;
  const id = `key-${randomBytes(idBytes).toString("hex")}`;
  const sha256 = hash("sha256", key);
  const subject = `- type: ApiKey\n  apiKey:\n    id: ${id}\n    sha256: ${sha256}\n`;
  return { key, id, sha256, subject };
}
