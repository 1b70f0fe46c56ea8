import type { Finding } from "../api/index.ts";
import {
  publicationNames,
  readDriftReport,
  type DriftReport,
  type RouteEntry,
  type RoutingTable,
} from "../table/index.ts";
import type { SettledRoute } from "./classifiers.ts";
import type { Group } from "./groups.ts";
import { readHeld, type Held } from "./held-config-maps.ts";
import { onceEach } from "./once-each.ts";
import { publishedEntry } from "./published-entry.ts";

type Pin = NonNullable<RouteEntry["pinned"]>;

/** What drift has pinned, by route. */
export interface DriftPins {
  pinOf: (route: string) => Pin | undefined;
  findings: Finding[];
}

interface PinScope {
  group: Group;
  published: RoutingTable | undefined;
}

const reportOf = onceEach(({ content }: Held["configMap"]) => readDriftReport(content));

/**
 * The pins of a group's drift report. Of a report that is not valid nobody knows what it would pin: what is pinned
 * stays so.
 *
 * @param held those of the namespace; other classes' are passed over
 */
export function readDriftPins(held: readonly Held[], { group, published }: PinScope): DriftPins {
  const name = publicationNames(group.routerClass).drift;
  const own = held.filter(({ ref }) => ref.name === name);
  const read = readHeld(own, { read: reportOf, what: "drift report", by: "drift" });
  const report: DriftReport | undefined = read.files[0]?.file;
  const pinOf = (route: string): Pin | undefined =>
    read.isWhole
      ? (publishedEntry(report?.routes, route)?.pinned ?? undefined)
      : publishedEntry(published?.routes, route)?.pinned;
  return { pinOf, findings: read.findings };
}

/**
 * Routes as drift has pinned them. A route is pinned where its text asks for it, and while nobody lifts that by the
 * annotation; where its text cannot be read, what was published says whether it asked.
 */
export const pinRoute = (
  { draft, entry, ...rest }: SettledRoute,
  pins: Pick<DriftPins, "pinOf">,
): SettledRoute => {
  const { spec, unpinned } = draft;
  const asked =
    spec === undefined ? entry.pinned !== undefined : spec.drift?.onAccuracyDrift === "PinBaseline";
  const pin = asked && !unpinned ? pins.pinOf(entry.name) : undefined;
  return { ...rest, draft, entry: withPin(entry, pin) };
};

/** The same entry where it stays as it is. */
function withPin(entry: RouteEntry, pin: Pin | undefined): RouteEntry {
  if (pin === undefined && entry.pinned === undefined) return entry;
  const { pinned: _before, ...free } = entry;
  return pin === undefined ? free : { ...free, pinned: { since: pin.since, reason: pin.reason } };
}
