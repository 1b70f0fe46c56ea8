import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { ApiKeyEntry, TokenEntry } from "../table/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import type { ClassSettings } from "./settings.ts";
import {
  holdingsOf,
  keysOf,
  salvage,
  subjectIdentity,
  subjectName,
  subjectsReadable,
  type Holdings,
} from "./subjects.ts";
import { tokensOf } from "./token-subjects.ts";

/** What claims are judged by besides the policies themselves. */
export interface ClaimScope {
  settings: ClassSettings;
  /** What a policy's tenant was known by in the last published table. */
  published: (tenant: string) => Holdings;
}

export interface Claims {
  /** Which tenant every subject belongs to: by its identity, the name of a policy. */
  owners: ReadonlyMap<string, string>;
  /** Why a valid policy is refused, by its name. */
  conflicts: ReadonlyMap<string, Finding[]>;
}

interface Claim {
  identity: string;
  /** Absent for a subject of a text that is not valid. */
  place?: { label: string; index: number };
}

interface Owner {
  tenant: string;
  index?: number | undefined;
}

/**
 * Gives each subject to the oldest policy that names it. A policy that is not valid holds on to the subjects
 * that it was published with, unless its text can be read to have given them up; those that are new in such a
 * text, or gone from it, are its own only where nobody else names them. So a slip opens nothing that was
 * denied, and takes no subject from others.
 *
 * @param drafts by seniority
 */
export function claimSubjects(
  drafts: readonly Draft<TenantPolicySpec>[],
  scope: ClaimScope,
): Claims {
  const owners = new Map<string, Owner>();
  const conflicts = new Map<string, Finding[]>();
  for (const draft of drafts) {
    const found = claimFirmly(draft, firmClaims(draft, scope), owners);
    if (found.length > 0) conflicts.set(draft.ref.name, found);
  }
  for (const draft of drafts) {
    if (draft.spec === undefined || conflicts.has(draft.ref.name))
      claimTheRest(draft, scope, owners);
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
  { ref, texts, createdAt }: Draft<TenantPolicySpec>,
  { settings, published }: ClaimScope,
  owners: Map<string, Owner>,
): void {
  const rest = [...salvage(texts, createdAt, settings).keys(), ...published(ref.name).keys()];
  for (const identity of rest) {
    if (!owners.has(identity)) owners.set(identity, { tenant: ref.name });
  }
}

function firmClaims(
  { ref, spec, texts, createdAt }: Draft<TenantPolicySpec>,
  { settings, published }: ClaimScope,
): Claim[] {
  if (spec !== undefined) {
    return spec.subjects.map((subject, index) => ({
      identity: subjectIdentity(subject, settings),
      place: { label: subjectName(subject), index },
    }));
  }
  const written = salvage(texts, createdAt, settings);
  const readable = subjectsReadable(texts);
  return [...published(ref.name).keys()].flatMap((identity) =>
    readable && !written.has(identity) ? [] : [{ identity }],
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

/** The subjects that a denied policy refuses: those of its text and of its published form that are its own. */
export function deniedSubjects(
  { ref, spec, texts, createdAt }: Draft<TenantPolicySpec>,
  { settings, published }: ClaimScope,
  owners: Claims["owners"],
): { keys: ApiKeyEntry[]; tokens: TokenEntry[] } {
  const written =
    spec === undefined
      ? salvage(texts, createdAt, settings)
      : holdingsOf({ keys: keysOf(spec), tokens: tokensOf(spec, createdAt, settings) });
  const keys = new Map<string, ApiKeyEntry>();
  const tokens = new Map<string, TokenEntry>();
  // A denied key is refused at any time, so its period is left out. What the text calls it comes last, and wins.
  for (const [identity, held] of [...published(ref.name), ...written]) {
    if (owners.get(identity) !== ref.name) continue;
    if ("token" in held) tokens.set(identity, held.token);
    else keys.set(identity, { id: held.key.id, sha256: held.key.sha256 });
  }
  return { keys: [...keys.values()], tokens: [...tokens.values()] };
}
