import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import type { KubeObject } from "./kube-object.ts";
import { apiVersionOf, pathOf, type ResourceType } from "./resource-types.ts";
import { readWatchEvent, type WatchEvent } from "./watch-events.ts";

export interface CollectionScope {
  connection: Connection;
  type: ResourceType;
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface Page<Item> {
  items: readonly Item[];
  /** Of the listing, from where a watch goes on; the last page alone has it. */
  resourceVersion: string | undefined;
}

interface WatchOptions {
  /** Where it begins, such as `resourceVersion`. */
  from: Readonly<Record<string, string>>;
  seconds: number;
  signal: AbortSignal;
  onOpen: () => void;
}

interface ListAnswer<Item> {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: Item[] | null;
}

/** What a server gets beyond the time that it was given before its watch is ended from here. */
const graceMs = 30_000;

/**
 * A listing, page by page.
 *
 * @param limit objects a page; undefined: one page
 * @throws KubeError
 */
export async function* listPages<Item extends KubeObject>(
  scope: CollectionScope,
  limit: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Page<Item>, void, void> {
  let token: string | undefined;
  do {
    const query = {
      ...selectorsOf(scope),
      ...(limit === undefined ? {} : { limit: String(limit) }),
      ...(token === undefined ? {} : { continue: token }),
    };
    const path = pathOf(scope.type, { namespace: scope.namespace });
    const { metadata, items } = await scope.connection.json<ListAnswer<Item>>({
      method: "GET",
      path,
      query,
      signal,
    });
    token = metadata?.continue === "" ? undefined : metadata?.continue;
    const resourceVersion = token === undefined ? versionOf(metadata) : undefined;
    yield { items: (items ?? []).map((item) => asWatched(item, scope.type)), resourceVersion };
  } while (token !== undefined);
}

/** @throws KubeError, `Expired` where the server no longer knows the version that it was to begin at */
export async function* watchEvents(
  scope: CollectionScope,
  { from, seconds, signal, onOpen }: WatchOptions,
): AsyncGenerator<WatchEvent, void, void> {
  const query = {
    ...selectorsOf(scope),
    ...from,
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(seconds),
  };
  const path = pathOf(scope.type, { namespace: scope.namespace });
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000 + graceMs)]);
  const call = { method: "GET", path, query, signal: bounded } as const;
  for await (const line of scope.connection.lines(call, onOpen)) yield readWatchEvent(line);
}

function selectorsOf({ labelSelector, fieldSelector }: CollectionScope): Record<string, string> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function versionOf(metadata: ListAnswer<never>["metadata"]): string {
  if (metadata?.resourceVersion !== undefined) return metadata.resourceVersion;
  throw new KubeError("Malformed", "A listing has no resourceVersion", { status: 200 });
}

/** Items of a listing leave out what they have in common; events do not. */
function asWatched<Item extends KubeObject>(item: Item, type: ResourceType): Item {
  return { ...item, apiVersion: apiVersionOf(type), kind: type.kind };
}
