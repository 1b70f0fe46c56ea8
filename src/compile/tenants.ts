import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { RoutingTable, TenantEntry, TokenEntry } from "../table/index.ts";
import { safetyOf } from "./filters.ts";
import { refuseGuardrails, refuseOutside } from "./guardrails.ts";
import type { Draft } from "./intake.ts";
import { refuseIssuers, unknownIssuers } from "./issuer-checks.ts";
import { compareTexts, judge, listed } from "./judgement.ts";
import { onceEach } from "./once-each.ts";
import { publishedEntry } from "./published-entry.ts";
import { envelopeOf } from "./route-entry.ts";
import { limitsOf, noLimits, refuseLimits, requireSharedStore } from "./tenant-limits.ts";
import type { ClassSettings } from "./settings.ts";
import { holdingsOf, keysOf, type Holdings } from "./subjects.ts";
import { claimSubjects, deniedSubjects, type ClaimScope } from "./tenant-claims.ts";
import { hasIssuer, keysProblem, tokensOf } from "./token-subjects.ts";

export interface CompiledTenants {
  entries: ReadonlyMap<string, TenantEntry>;
  findings: Finding[];
}

/**
 * The entries of the namespace's policies. A policy that is not valid, or that names a subject of an older
 * one, denies: the subjects of its published form and those that can be made out in its text are known, and
 * refused at once. A deleted policy vanishes, and its subjects are unknown.
 *
 * @param drafts by seniority: a subject belongs to the oldest policy that names it
 */
export function compileTenants(
  drafts: readonly Draft<TenantPolicySpec>[],
  published: RoutingTable | undefined,
  settings: ClassSettings,
): CompiledTenants {
  const scope: ClaimScope = { settings, published: publishedHoldings(published) };
  const { owners, conflicts } = claimSubjects(drafts, scope);
  const entries = new Map<string, TenantEntry>();
  const findings: Finding[] = [];
  for (const draft of drafts) {
    const { ref } = draft;
    const permitted = textEntry(draft, settings);
    const refusals = [
      ...(conflicts.get(ref.name) ?? []),
      ...refuseLimits(draft),
      ...requireSharedStore(draft, settings),
      ...refuseIssuers(draft, settings),
      ...(permitted === undefined ? [] : refuseGuardrails(ref, permitted, settings)),
      ...(permitted === undefined ? [] : refuseOutside(ref, permitted)),
    ];
    if (permitted !== undefined && refusals.length === 0) {
      entries.set(ref.name, permitted);
      findings.push(...unknownIssuers(draft, settings));
      continue;
    }
    findings.push(...refusals);
    const denied = deniedEntry(ref.name, deniedSubjects(draft, scope, owners), settings);
    entries.set(ref.name, denied);
    findings.push(judge("NotAccepted", ref, denial(denied)));
  }
  return { entries, findings };
}

function publishedHoldings(published: RoutingTable | undefined): ClaimScope["published"] {
  const nothing: Holdings = new Map();
  const known = new Map<string, Holdings>();
  return (name) => {
    const entry = publishedEntry(published?.tenants, name);
    if (entry === undefined) return nothing;
    const holdings = known.get(name) ?? holdingsOf(entry);
    known.set(name, holdings);
    return holdings;
  };
}

function denial({ name, keys, tokens = [] }: TenantEntry): string {
  const counted = [
    ...(keys.length === 0 ? [] : [keys.length === 1 ? "its key" : `its ${keys.length} keys`]),
    ...(tokens.length === 0 ? [] : ["its tokens"]),
  ];
  const verb = keys.length === 1 && tokens.length === 0 ? "is" : "are";
  const refused = counted.length === 0 ? "" : ` and ${listed(counted)} ${verb} refused`;
  return `Tenant ${name} is denied${refused} until its policy is accepted again.`;
}

const entriesOf = onceEach((_draft: Draft<TenantPolicySpec>) => {
  return { bySettings: new WeakMap<ClassSettings, TenantEntry>() };
});

/** Made once for a draft and the settings of a class, neither of which is ever changed. */
function textEntry(
  draft: Draft<TenantPolicySpec>,
  settings: ClassSettings,
): TenantEntry | undefined {
  if (draft.spec === undefined) return undefined;
  const { bySettings } = entriesOf(draft);
  const entry = bySettings.get(settings) ?? permittedEntry(draft, draft.spec, settings);
  bySettings.set(settings, entry);
  return entry;
}

function permittedEntry(
  { ref, createdAt }: Draft<TenantPolicySpec>,
  spec: TenantPolicySpec,
  settings: ClassSettings,
): TenantEntry {
  return {
    name: ref.name,
    keys: keysOf(spec),
    ...verifiable(tokensOf(spec, createdAt, settings), settings),
    routes: spec.routes?.selector ?? null,
    allowedBackends: spec.allowedBackends?.map((backend) => backend.name).toSorted() ?? null,
    residencyRegions: spec.residency?.regions.toSorted() ?? null,
    dataClasses: spec.dataClasses.toSorted(),
    envelope: envelopeOf(spec.envelope),
    ...safetyOf(spec.safety, ref.namespace),
    ...limitsOf(spec),
    ...(spec.plan?.enabled === true ? { plan: { enabled: true } } : {}),
  };
}

function deniedEntry(
  name: string,
  { keys, tokens }: Required<Pick<TenantEntry, "keys" | "tokens">>,
  settings: ClassSettings,
): TenantEntry {
  return {
    name,
    denied: { message: `The policy of tenant ${name} is not valid, so its callers are refused` },
    keys: keys.toSorted((left, right) => compareTexts(left.sha256, right.sha256)),
    ...verifiable(
      tokens.toSorted((left, right) => compareTexts(left.id, right.id)),
      settings,
    ),
    routes: null,
    allowedBackends: null,
    residencyRegions: null,
    dataClasses: [],
    envelope: {},
    ...noLimits,
  };
}

/**
 * The tokens whose issuer's keys routers may fetch, and could. The others are nobody's: what a class does not
 * let them ask is not asked in order to refuse somebody either.
 */
function verifiable(
  tokens: readonly TokenEntry[],
  settings: ClassSettings,
): Pick<TenantEntry, "tokens"> {
  const left = tokens.filter(
    (token) => hasIssuer(token, settings) && keysProblem(token, settings) === undefined,
  );
  return left.length === 0 ? {} : { tokens: left };
}
