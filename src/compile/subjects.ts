import type { Subject, TenantPolicySpec } from "../api/index.ts";
import { canonicalJson } from "../lib/index.ts";
import type { ApiKeyEntry } from "../table/index.ts";
import { instantMs } from "./intake.ts";

/** As many keys of an invalid text as one policy may have at all; unknown ones are refused anyway. */
const maxSalvaged = 64;

/** What makes two subjects the same caller, as one text. */
export function subjectIdentity({ type, apiKey, jwt, serviceAccount }: Subject): string {
  if (apiKey !== undefined) return keyIdentity(apiKey.sha256);
  if (jwt !== undefined) {
    const { issuer, audience, claim, value } = jwt;
    return canonicalJson([type, issuer, audience, claim, value]);
  }
  return canonicalJson([
    type,
    serviceAccount?.namespace ?? "",
    serviceAccount?.name ?? "",
    serviceAccount?.audience ?? "",
  ]);
}

export const keyIdentity = (sha256: string): string => canonicalJson(["ApiKey", sha256]);

/** What records call a subject. */
export function subjectName({ apiKey, jwt, serviceAccount }: Subject): string {
  if (apiKey !== undefined) return `key ${apiKey.id}`;
  if (jwt !== undefined) return `token of ${jwt.issuer} with ${jwt.claim} ${jwt.value}`;
  return `ServiceAccount ${serviceAccount?.namespace ?? ""}/${serviceAccount?.name ?? ""}`;
}

export function keysOf(spec: TenantPolicySpec): ApiKeyEntry[] {
  return spec.subjects.flatMap(({ apiKey }) => {
    if (apiKey === undefined) return [];
    const notBefore = instantMs(apiKey.notBefore);
    const expiresAt = instantMs(apiKey.expiresAt);
    return [
      {
        id: apiKey.id,
        sha256: apiKey.sha256,
        ...(notBefore === undefined ? {} : { notBefore }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
    ];
  });
}

/**
 * The keys that can be made out in a policy that is not valid, so that they are known and refused. Their
 * periods are left out: a denied key is refused at any time.
 */
export function salvageKeys(texts: readonly unknown[]): ApiKeyEntry[] {
  const keys = new Map<string, ApiKeyEntry>();
  for (const text of texts) {
    const subjects = memberOf(text, "subjects");
    for (const subject of Array.isArray(subjects) ? subjects : []) {
      const key = salvageKey(memberOf(subject, "apiKey"));
      if (key !== undefined && keys.size < maxSalvaged) keys.set(key.sha256, key);
    }
  }
  return [...keys.values()];
}

/** Whether every subject of a text can be made out, so that a key that is not among them was taken out of it. */
export function subjectsReadable(texts: readonly unknown[]): boolean {
  return texts.every((text) => {
    const subjects = memberOf(text, "subjects");
    return Array.isArray(subjects) && subjects.every(isReadable);
  });
}

function isReadable(subject: unknown): boolean {
  const type = memberOf(subject, "type");
  if (type === "Jwt" || type === "ServiceAccount") return true;
  return salvageKey(memberOf(subject, "apiKey")) !== undefined;
}

function salvageKey(apiKey: unknown): ApiKeyEntry | undefined {
  const written = memberOf(apiKey, "sha256");
  if (typeof written !== "string") return undefined;
  // Upper case breaks the schema's rule and still tells which key is meant.
  const sha256 = written.trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const id = memberOf(apiKey, "id");
  return {
    id: typeof id === "string" && /^[\w.-]{1,63}$/.test(id) ? id : sha256.slice(0, 12),
    sha256,
  };
}

function memberOf(value: unknown, member: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[member];
}
