import type { Finding, Kind } from "../api/index.ts";
import type { Group } from "../compile/index.ts";
import { canonicalText } from "../lib/index.ts";
import { entryKinds, type EntryKind, type RoutingTable } from "../table/index.ts";
import type { RouterSeen } from "./acknowledgements.ts";
import type { PublicationHistory } from "./history.ts";
import { entryKey } from "./publication-plan.ts";
import type { Standing } from "./status/standing.ts";

/** What came of one group in a reconcile. */
export interface GroupReport {
  group: Group;
  findings: readonly Finding[];
  compiled: RoutingTable;
  /** Absent before the first publication. */
  published: RoutingTable | undefined;
  history: PublicationHistory;
  routers: readonly RouterSeen[];
  trouble?: Standing["trouble"];
}

export const entryKindOf = {
  ModelBackend: "backends",
  ModelRoute: "routes",
  TenantPolicy: "tenants",
} as const satisfies Record<Kind, EntryKind>;

/** Answers for each resource how it stands with the group's routers. */
export function standingsOf(report: GroupReport): (kind: EntryKind, name: string) => Standing {
  const { group, published, history, routers, trouble } = report;
  const ready = routers.filter((router) => router.ready);
  const indices = ready.map(({ digest }) => history.indexOf(digest));
  const count = (since: number | undefined): number =>
    since === undefined ? 0 : indices.filter((index) => index >= since).length;
  const pending = pendingEntries(report);
  const refusals = routers.flatMap(({ pod, error }) =>
    error === undefined ? [] : [`Router ${pod} refused the table: ${error}`],
  );
  return (kind, name) => {
    const since = history.since(kind, name);
    return {
      routerClass: group.routerClass,
      isPublished: published !== undefined && Object.hasOwn(published[kind], name),
      isPending: pending.has(entryKey(kind, name)),
      ready: ready.length,
      programmed: count(since?.form),
      serving: count(since?.presence),
      refusals,
      ...(trouble === undefined ? {} : { trouble }),
    };
  };
}

/** Entries whose compiled form is not the published one. */
function pendingEntries({ compiled, published }: GroupReport): Set<string> {
  const pending = new Set<string>();
  if (compiled === published) return pending;
  for (const kind of entryKinds) {
    for (const [name, entry] of Object.entries<object>(compiled[kind])) {
      const before: object | undefined = published?.[kind][name];
      if (before === entry) continue;
      if (before === undefined || canonicalText(before) !== canonicalText(entry))
        pending.add(entryKey(kind, name));
    }
  }
  return pending;
}

/** Whether a group has to do with a resource: its table holds it, or would. */
export function concerns(
  { compiled, published }: GroupReport,
  kind: EntryKind,
  name: string,
): boolean {
  return (
    Object.hasOwn(compiled[kind], name) ||
    (published !== undefined && Object.hasOwn(published[kind], name))
  );
}
