import type { Finding, Manifest } from "../api/index.ts";
import { groupsOf } from "../compile/index.ts";
import { refKey, type Gathered, type Inputs } from "./gather.ts";
import { concerns, entryKindOf, standingsOf, type GroupReport } from "./group-report.ts";
import { DraftMemory } from "./status/draft-memory.ts";
import { draftStatus } from "./status/draft-status.ts";
import type { Standing } from "./status/standing.ts";
import type { ResourceStatus } from "./status/status.ts";

export interface Draft {
  resource: Gathered;
  status: ResourceStatus;
}

interface Drafting {
  inputs: Pick<Inputs, "resources" | "findings">;
  reports: readonly GroupReport[];
  /** Where no group is compiled, what compile says of the namespace's backends and tenants. */
  findings: readonly Finding[];
  previous: (resource: Gathered) => ResourceStatus | undefined;
  now: number;
  /** What was drafted before, by whoever drafts this namespace again and again. */
  memory?: DraftMemory;
}

/** The status of every resource of a namespace of which something else is to be said than the last time. */
export function draftStatuses(drafting: Drafting): Draft[] {
  const { inputs, reports, findings, previous, now, memory = new DraftMemory() } = drafting;
  const found = mergeFindings([...inputs.findings, ...findings], reports);
  const standings = reports.map((report) => ({ report, of: standingsOf(report) }));
  return inputs.resources.flatMap((resource) => {
    const { manifest } = resource;
    const { kind, metadata } = manifest;
    const entryKind = entryKindOf[kind];
    const concerned = standings.filter(({ report }) => isConcerned(report, manifest));
    const grounds = {
      findings: found.get(refKey({ kind, name: metadata.name })) ?? [],
      standings: concerned.map(({ of }): Standing => of(entryKind, metadata.name)),
    };
    if (!memory.isNews(resource.object, grounds)) return [];
    const status = draftStatus({
      resource: { kind, generation: metadata.generation ?? 0 },
      ...grounds,
      previous: previous(resource),
      now,
    });
    return [{ resource, status }];
  });
}

function isConcerned(report: GroupReport, manifest: Manifest): boolean {
  if (concerns(report, entryKindOf[manifest.kind], manifest.metadata.name)) return true;
  if (manifest.kind !== "ModelRoute") return false;
  // A route that was never published still is its class's to speak of.
  return groupsOf([manifest])[0]?.routerClass === report.group.routerClass;
}

/** Findings by resource. What not all groups find bears the name of the class that does. */
function mergeFindings(
  others: readonly Finding[],
  reports: readonly GroupReport[],
): Map<string, Finding[]> {
  const counts = new Map<string, number>();
  for (const { findings } of reports) {
    for (const finding of findings)
      counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  }
  const told = new Set<string>();
  const byResource = new Map<string, Finding[]>();
  const add = (finding: Finding) => {
    if (told.has(keyOf(finding))) return;
    told.add(keyOf(finding));
    const key = refKey(finding.ref);
    const list = byResource.get(key);
    if (list === undefined) byResource.set(key, [finding]);
    else list.push(finding);
  };
  for (const finding of others) add(finding);
  for (const { group, findings } of reports) {
    for (const finding of findings) {
      const isShared =
        finding.ref.kind === "ModelRoute" || counts.get(keyOf(finding)) === reports.length;
      add(isShared ? finding : ofClass(finding, group.routerClass));
    }
  }
  return byResource;
}

const ofClass = (finding: Finding, routerClass: string): Finding => ({
  ...finding,
  message: `For router class ${routerClass}: ${finding.message}`,
});

const keyOf = ({ ref, reason, path, message }: Finding): string =>
  JSON.stringify([ref.kind, ref.name, reason, path, message]);
