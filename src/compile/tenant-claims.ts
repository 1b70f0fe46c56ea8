import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { ApiKeyEntry } from "../table/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import {
  keyIdentity,
  keysOf,
  salvageKeys,
  subjectIdentity,
  subjectName,
  subjectsReadable,
} from "./subjects.ts";

/** A policy's keys in the last published table. */
export type PublishedKeys = (tenant: string) => readonly ApiKeyEntry[];

export interface Claims {
  /** Which tenant every subject belongs to: by its identity, the name of a policy. */
  owners: ReadonlyMap<string, string>;
  /** Why a valid policy is refused, by its name. */
  conflicts: ReadonlyMap<string, Finding[]>;
}

interface Claim {
  identity: string;
  /** Absent for a key of a text that is not valid. */
  place?: { label: string; index: number };
}

interface Owner {
  tenant: string;
  index?: number | undefined;
}

/**
 * Gives each subject to the oldest policy that names it. A policy that is not valid holds on to the keys that
 * it was published with, unless its text can be read to have given them up; keys that are new in such a text,
 * or gone from it, are its own only where nobody else names them. So a slip opens nothing that was denied,
 * and takes no key from others.
 *
 * @param drafts by seniority
 */
export function claimSubjects(
  drafts: readonly Draft<TenantPolicySpec>[],
  publishedKeys: PublishedKeys,
): Claims {
  const owners = new Map<string, Owner>();
  const conflicts = new Map<string, Finding[]>();
  for (const draft of drafts) {
    const found = claimFirmly(draft, firmClaims(draft, publishedKeys), owners);
    if (found.length > 0) conflicts.set(draft.ref.name, found);
  }
  for (const draft of drafts) {
    if (draft.spec === undefined || conflicts.has(draft.ref.name))
      claimTheRest(draft, publishedKeys, owners);
  }
  return {
    owners: new Map([...owners].map(([identity, { tenant }]) => [identity, tenant])),
    conflicts,
  };
}

function claimFirmly(
  draft: Draft<TenantPolicySpec>,
  claims: readonly Claim[],
  owners: Map<string, Owner>,
): Finding[] {
  const found: Finding[] = [];
  for (const { identity, place } of claims) {
    const owner = owners.get(identity);
    if (owner === undefined) owners.set(identity, { tenant: draft.ref.name, index: place?.index });
    else if (place !== undefined) found.push(conflict(draft, place, owner));
  }
  return found;
}

/** What a policy that denies may deny besides, as far as nobody else has it. */
function claimTheRest(
  { ref, texts }: Draft<TenantPolicySpec>,
  publishedKeys: PublishedKeys,
  owners: Map<string, Owner>,
): void {
  for (const { sha256 } of [...salvageKeys(texts), ...publishedKeys(ref.name)]) {
    const identity = keyIdentity(sha256);
    if (!owners.has(identity)) owners.set(identity, { tenant: ref.name });
  }
}

function firmClaims(
  { ref, spec, texts }: Draft<TenantPolicySpec>,
  publishedKeys: PublishedKeys,
): Claim[] {
  if (spec !== undefined) {
    return spec.subjects.map((subject, index) => ({
      identity: subjectIdentity(subject),
      place: { label: subjectName(subject), index },
    }));
  }
  const written = new Set(salvageKeys(texts).map(({ sha256 }) => sha256));
  const readable = subjectsReadable(texts);
  return publishedKeys(ref.name).flatMap(({ sha256 }) =>
    readable && !written.has(sha256) ? [] : [{ identity: keyIdentity(sha256) }],
  );
}

function conflict(
  { ref }: Draft<TenantPolicySpec>,
  { label, index }: { label: string; index: number },
  owner: Owner,
): Finding {
  const path = `spec.subjects[${index}]`;
  if (owner.tenant === ref.name) {
    const message = `The ${label} is subject ${owner.index ?? 0} of this policy already: remove one of the two.`;
    return judge("Conflicted", ref, message, path);
  }
  const message = `The ${label} belongs to policy ${owner.tenant} already (the older policy wins, then the first by name): remove it from one of the two.`;
  return judge("Conflicted", ref, message, path);
}

/** The keys that a denied policy refuses: those of its text and of its published form that are its own. */
export function deniedKeys(
  { ref, spec, texts }: Draft<TenantPolicySpec>,
  publishedKeys: PublishedKeys,
  owners: Claims["owners"],
): ApiKeyEntry[] {
  const written = spec === undefined ? salvageKeys(texts) : keysOf(spec);
  const keys = new Map<string, ApiKeyEntry>();
  // A denied key is refused at any time, so its period is left out. What the text calls it comes last, and wins.
  for (const { id, sha256 } of [...publishedKeys(ref.name), ...written]) {
    if (owners.get(keyIdentity(sha256)) === ref.name) keys.set(sha256, { id, sha256 });
  }
  return [...keys.values()];
}
