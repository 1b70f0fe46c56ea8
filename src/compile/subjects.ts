import { readSubject, type Subject, type TenantPolicySpec } from "../api/index.ts";
import { canonicalJson } from "../lib/index.ts";
import type { ApiKeyEntry, TenantEntry, TokenEntry } from "../table/index.ts";
import { instantMs } from "./intake.ts";
import type { ClassSettings } from "./settings.ts";
import { tokenIdentity, tokenOf } from "./token-subjects.ts";

/** As many subjects of an invalid text as one policy may have at all; unknown ones are refused anyway. */
const maxSalvaged = 64;

/** What a tenant is known by in the table: by the identity of each, which no two tenants share. */
export type Holdings = ReadonlyMap<string, Held>;
type Held = { key: ApiKeyEntry } | { token: TokenEntry };

const keyIdentity = (sha256: string): string => canonicalJson(["ApiKey", sha256]);

/** What makes two subjects the same caller, as one text. */
export function subjectIdentity(subject: Subject, settings: ClassSettings): string {
  if (subject.apiKey !== undefined) return keyIdentity(subject.apiKey.sha256);
  const token = tokenOf(subject, 0, settings);
  return token === undefined ? "" : tokenIdentity(token);
}

/** What a conflict calls a subject. */
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

/** What an entry of the table is known by. */
export function holdingsOf({ keys, tokens = [] }: Pick<TenantEntry, "keys" | "tokens">): Holdings {
  return new Map<string, Held>([
    ...keys.map((key) => [keyIdentity(key.sha256), { key }] as const),
    ...tokens.map((token) => [tokenIdentity(token), { token }] as const),
  ]);
}

/**
 * What can be made out in a policy that is not valid, so that it is known and refused. The periods of keys are
 * left out: a denied key is refused at any time.
 */
export function salvage(
  texts: readonly unknown[],
  since: number,
  settings: ClassSettings,
): Holdings {
  const keys = new Map<string, ApiKeyEntry>();
  const tokens = new Map<string, TokenEntry>();
  for (const subject of texts.flatMap(subjectsOf)) {
    if (keys.size + tokens.size >= maxSalvaged) break;
    const key = salvageKey(memberOf(subject, "apiKey"));
    const token = key === undefined ? salvageToken(subject, since, settings) : undefined;
    if (key !== undefined) keys.set(key.sha256, key);
    if (token !== undefined) tokens.set(tokenIdentity(token), token);
  }
  return holdingsOf({ keys: [...keys.values()], tokens: [...tokens.values()] });
}

/** Whether every subject of a text can be made out, so that one that is not among them was taken out of it. */
export function subjectsReadable(texts: readonly unknown[]): boolean {
  return texts.every((text) => {
    const subjects = memberOf(text, "subjects");
    return Array.isArray(subjects) && subjects.every(isReadable);
  });
}

function isReadable(subject: unknown): boolean {
  return (
    salvageKey(memberOf(subject, "apiKey")) !== undefined || readSubject(subject) !== undefined
  );
}

function subjectsOf(text: unknown): readonly unknown[] {
  const subjects = memberOf(text, "subjects");
  return Array.isArray(subjects) ? subjects : [];
}

function salvageToken(
  subject: unknown,
  since: number,
  settings: ClassSettings,
): TokenEntry | undefined {
  const sound = readSubject(subject);
  return sound && tokenOf(sound, since, settings);
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
