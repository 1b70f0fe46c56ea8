import { folderName, streamFolders } from "./partition.ts";
import type { RecordStore } from "./record-store.ts";
import type { KeptRecord } from "./sink.ts";

export type Stream = KeptRecord["stream"];

export interface FileWish {
  since?: Date | undefined;
  until?: Date | undefined;
  namespace?: string | undefined;
  route?: string | undefined;
}

const recordFile = /^date=\d{4}-\d\d-\d\d\/namespace=[^/]+\/route=[^/]+\/\d\d[^/]*\.ndjson(\.gz)?$/;

const dayMs = 86_400_000;
/** Further back all days are listed at once: a request for each would be no saving. */
const mostDays = 60;

/** Of one stream's files those that may hold what is wished for, by their names alone: by day, namespace, route and hour. */
export async function* findFiles(
  store: RecordStore,
  stream: Stream,
  wish: FileWish,
): AsyncGenerator<string, void, void> {
  const top = topOf(stream);
  for (const day of daysOf(wish)) {
    // The namespace saves listing others' files only where the day is known.
    const namespace =
      day === "" || wish.namespace === undefined ? "" : `/namespace=${folderName(wish.namespace)}/`;
    for await (const path of store.list(`${top}date=${day}${namespace}`)) {
      if (mayHold(path.slice(top.length), wish)) yield path;
    }
  }
}

const topOf = (stream: Stream): string =>
  streamFolders[stream] === "" ? "" : `${streamFolders[stream]}/`;

/** The days between two times, or one empty name for all there are. */
function daysOf({ since, until }: FileWish): string[] {
  if (since === undefined || until === undefined) return [""];
  const first = Math.floor(since.getTime() / dayMs);
  const last = Math.floor((until.getTime() - 1) / dayMs);
  if (last - first >= mostDays) return [""];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    new Date((first + index) * dayMs).toISOString().slice(0, 10),
  );
}

function mayHold(path: string, wish: FileWish): boolean {
  if (!recordFile.test(path)) return false;
  const [, namespace = "", route = ""] = path.split("/");
  return (
    isPart(namespace, "namespace", wish.namespace) &&
    isPart(route, "route", wish.route) &&
    overlaps(hourOf(path), wish)
  );
}

function hourOf(path: string): number {
  const [date = "", , , name = ""] = path.split("/");
  return Date.parse(`${date.slice("date=".length)}T${name.slice(0, 2)}:00:00Z`);
}

const isPart = (part: string, key: string, value: string | undefined): boolean =>
  value === undefined || part === `${key}=${folderName(value)}`;

function overlaps(hour: number, { since, until }: FileWish): boolean {
  const from = since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const to = until?.getTime() ?? Number.POSITIVE_INFINITY;
  return hour < to && hour + 3_600_000 > from;
}

/** The first and the last day, such as `2027-03-04`, of which there are records of requests; null where there are none. */
export async function recordedDays(
  store: RecordStore,
): Promise<{ first: string; last: string } | null> {
  let first: string | undefined;
  let last = "";
  for await (const path of findFiles(store, "request", {})) {
    const day = path.slice("date=".length, path.indexOf("/"));
    first ??= day;
    last = day;
  }
  return first === undefined ? null : { first, last };
}

/** The hour, in milliseconds since the epoch, of the oldest file of a namespace's requests; null where there is none. */
export async function firstRecordedHour(
  store: RecordStore,
  namespace: string,
): Promise<number | null> {
  for await (const path of findFiles(store, "request", { namespace })) return hourOf(path);
  return null;
}
