import { setTimeout as pause } from "node:timers/promises";
import { backoffDelay, type Random } from "../lib/index.ts";
import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import { keyOf, type KubeObject } from "./kube-object.ts";
import { pathOf, type ResourceType } from "./resource-types.ts";
import type { Store } from "./store.ts";

export interface ReflectorOptions<Item extends KubeObject> {
  connection: Connection;
  type: ResourceType;
  store: Store<Item>;
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string;
  fieldSelector?: string;
  random: Random;
  /** Keeps the parts that are wanted of an object: large stores are kept small by it. */
  trim?: (item: Item) => Item;
  /** Told of every failure, and with undefined when all is well again. */
  onTrouble?: (error: KubeError | undefined) => void;
}

interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject & { code?: number; message?: string };
}

/** Servers end watches after this long, give or take, so that their load stays even. */
const watchSeconds = { least: 240, spread: 120 };
const retryBounds = { baseMs: 200, ceilingMs: 10_000 };
const longestRetryAfterMs = 1_000;
const pageSize = 500;

/**
 * Keeps a store equal to what the API server holds: a listing, then a watch from there on, begun anew
 * after whatever ends it. It goes on for ever: refused connections, resets, 403 before RBAC has
 * settled, 404 before the CRD is there, 410 after a pause are all waited out.
 */
export class Reflector<Item extends KubeObject = KubeObject> {
  readonly #options: ReflectorOptions<Item>;
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #resourceVersion: string | undefined;
  #streamsLists = true;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(options: ReflectorOptions<Item>) {
    this.#options = options;
  }

  /** Resolves once the store has held everything for the first time. */
  get whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#round();
        // A clean end is how every watch ends; a server that ends them at once must not be hammered.
        this.#failures = 0;
        await this.#wait(20);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        await this.#recover(error);
      }
    }
  }

  /** One watch, with the listing before it where there is nothing to go on from. */
  async #round(): Promise<void> {
    if (this.#resourceVersion === undefined) {
      if (this.#streamsLists) return this.#streamList();
      await this.#listPages();
    }
    await this.#watch({ resourceVersion: this.#resourceVersion ?? "0" });
  }

  async #recover(error: unknown): Promise<void> {
    const known = error instanceof KubeError ? error : undefined;
    if (known === undefined) throw error;
    if (known.code === "Expired" || known.code === "NotFound") this.#resourceVersion = undefined;
    if (this.#streamsLists && (known.code === "Invalid" || known.code === "BadRequest")) {
      // Servers before 1.32 refuse `sendInitialEvents`.
      this.#streamsLists = false;
      return;
    }
    this.#options.onTrouble?.(known);
    const delay = backoffDelay(this.#failures, retryBounds, 0.5 + this.#options.random() / 2);
    this.#failures += 1;
    await this.#wait(Math.min(known.retryAfterMs ?? delay, Math.max(delay, longestRetryAfterMs)));
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  async #listPages(): Promise<void> {
    const seen = new Set<string>();
    let token: string | undefined;
    let version: string | undefined;
    do {
      const page = await this.#options.connection.json<ListPage<Item>>({
        method: "GET",
        path: this.#path(),
        query: {
          ...this.#selectors(),
          limit: String(pageSize),
          ...(token === undefined ? {} : { continue: token }),
        },
        signal: this.#stop.signal,
      });
      for (const item of page.items) this.#put(asWatched(item, this.#options.type), seen);
      token = page.metadata.continue === "" ? undefined : page.metadata.continue;
      version = page.metadata.resourceVersion;
    } while (token !== undefined);
    this.#complete(seen, version);
  }

  /** The listing comes as events of the watch that follows it: one call, and no page to keep. */
  async #streamList(): Promise<void> {
    await this.#watch(
      { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" },
      new Set(),
    );
  }

  async #watch(from: Record<string, string>, initial?: Set<string>): Promise<void> {
    const { connection, random } = this.#options;
    const timeout = watchSeconds.least + Math.floor(random() * watchSeconds.spread);
    const query = {
      ...this.#selectors(),
      ...from,
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(timeout),
    };
    let listing = initial;
    for await (const line of connection.lines({
      method: "GET",
      path: this.#path(),
      query,
      signal: this.#stop.signal,
    })) {
      const event = line as WatchEvent;
      if (event.type === "ERROR") throw watchError(event.object);
      if (listing !== undefined && isEndOfListing(event)) {
        this.#complete(listing, event.object.metadata.resourceVersion);
        listing = undefined;
      } else this.#take(event, listing);
    }
  }

  #take(event: WatchEvent, listing: Set<string> | undefined): void {
    const { object } = event;
    if (event.type === "DELETED") {
      this.#options.store.remove(keyOf(object));
      listing?.delete(keyOf(object));
    } else if (event.type !== "BOOKMARK") this.#put(object as unknown as Item, listing);
    // During the listing, versions are those of the objects and come in any order.
    if (listing === undefined)
      this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#failures = 0;
  }

  #put(item: Item, seen: Set<string> | undefined): void {
    seen?.add(keyOf(item));
    this.#options.store.put(this.#options.trim?.(item) ?? item);
  }

  #complete(seen: ReadonlySet<string>, resourceVersion: string | undefined): void {
    this.#options.store.retain(seen);
    this.#resourceVersion = resourceVersion;
    this.#failures = 0;
    this.#isSynced = true;
    this.#synced.resolve();
    this.#options.onTrouble?.(undefined);
  }

  #path(): string {
    return pathOf(this.#options.type, { namespace: this.#options.namespace });
  }

  #selectors(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#options;
    return {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }
}

interface ListPage<Item> {
  metadata: { resourceVersion?: string; continue?: string };
  items: Item[];
}

/** Items of a listing leave out what they have in common; events do not. */
function asWatched<Item extends KubeObject>(
  item: Item,
  { group, version, kind }: ResourceType,
): Item {
  return { ...item, apiVersion: group === "" ? version : `${group}/${version}`, kind };
}

/** 410 comes as an event in an answer of 200. */
function watchError(status: WatchEvent["object"]): KubeError {
  const code = status.code === 410 ? "Expired" : "Unavailable";
  return new KubeError(code, status.message ?? "The watch ended with an error", {
    status: status.code ?? 0,
  });
}

function isEndOfListing({ type, object }: WatchEvent): boolean {
  return (
    type === "BOOKMARK" && object.metadata.annotations?.["k8s.io/initial-events-end"] === "true"
  );
}
