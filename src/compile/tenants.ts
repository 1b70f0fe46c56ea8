import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { ApiKeyEntry, RoutingTable, TenantEntry } from "../table/index.ts";
import { safetyOf } from "./filters.ts";
import { publishedEntry } from "./published-entry.ts";
import type { Draft } from "./intake.ts";
import { compareTexts, judge } from "./judgement.ts";
import { onceEach } from "./once-each.ts";
import { envelopeOf } from "./route-entry.ts";
import { limitsOf, noLimits, refuseLimits } from "./tenant-limits.ts";
import { keysOf } from "./subjects.ts";
import { claimSubjects, deniedKeys, type PublishedKeys } from "./tenant-claims.ts";

export interface CompiledTenants {
  entries: ReadonlyMap<string, TenantEntry>;
  findings: Finding[];
}

/**
 * The entries of the namespace's policies. A policy that is not valid, or that names a subject of an older
 * one, denies: the keys of its published form and those that can be made out in its text are known, and
 * refused at once. A deleted policy vanishes, and its keys are unknown.
 *
 * @param drafts by seniority: a subject belongs to the oldest policy that names it
 */
export function compileTenants(
  drafts: readonly Draft<TenantPolicySpec>[],
  published: RoutingTable | undefined,
): CompiledTenants {
  const publishedKeys: PublishedKeys = (name) =>
    publishedEntry(published?.tenants, name)?.keys ?? [];
  const { owners, conflicts } = claimSubjects(drafts, publishedKeys);
  const entries = new Map<string, TenantEntry>();
  const findings: Finding[] = [];
  for (const draft of drafts) {
    const { ref } = draft;
    const refusals = [...(conflicts.get(ref.name) ?? []), ...refuseLimits(draft)];
    const permitted = textEntry(draft);
    if (permitted !== undefined && refusals.length === 0) {
      entries.set(ref.name, permitted);
      continue;
    }
    findings.push(...refusals);
    const keys = deniedKeys(draft, publishedKeys, owners).toSorted((left, right) =>
      compareTexts(left.sha256, right.sha256),
    );
    entries.set(ref.name, deniedEntry(ref.name, keys));
    findings.push(judge("NotAccepted", ref, denial(ref.name, keys.length)));
  }
  return { entries, findings };
}

function denial(name: string, keys: number): string {
  const callers = keys === 1 ? "its key is" : `its ${keys} keys are`;
  const refused = keys === 0 ? "" : ` and ${callers} refused`;
  return `Tenant ${name} is denied${refused} until its policy is accepted again.`;
}

const textEntry = onceEach(({ ref, spec }: Draft<TenantPolicySpec>) =>
  spec === undefined ? undefined : permittedEntry(ref.name, spec),
);

function permittedEntry(name: string, spec: TenantPolicySpec): TenantEntry {
  return {
    name,
    keys: keysOf(spec),
    routes: spec.routes?.selector ?? null,
    allowedBackends: spec.allowedBackends?.map((backend) => backend.name).toSorted() ?? null,
    residencyRegions: spec.residency?.regions.toSorted() ?? null,
    dataClasses: spec.dataClasses.toSorted(),
    envelope: envelopeOf(spec.envelope),
    ...safetyOf(spec.safety),
    ...limitsOf(spec),
  };
}

function deniedEntry(name: string, keys: readonly ApiKeyEntry[]): TenantEntry {
  return {
    name,
    denied: { message: `The policy of tenant ${name} is not valid, so its callers are refused` },
    keys,
    routes: null,
    allowedBackends: null,
    residencyRegions: null,
    dataClasses: [],
    envelope: {},
    ...noLimits,
  };
}
