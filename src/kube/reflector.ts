import { setTimeout as pause } from "node:timers/promises";
import { backoffDelay, type BackoffBounds, type Random } from "../lib/index.ts";
import { listPages, watchEvents, type CollectionScope } from "./collection.ts";
import { KubeError, type KubeErrorCode } from "./kube-error.ts";
import { keyOf, type KubeObject } from "./kube-object.ts";
import type { Store } from "./store.ts";
import { StreamedListing } from "./streamed-listing.ts";
import { isEndOfListing, type WatchEvent } from "./watch-events.ts";

export interface ReflectorOptions<Item extends KubeObject> extends CollectionScope {
  store: Store<Item>;
  random: Random;
  /** Keeps the parts that are wanted of an object, its name, uid and version among them. */
  trim?: (item: Item) => Item;
  /** Told of every failure, and with undefined when all is well again. */
  onTrouble?: (error: Error | undefined) => void;
  timing?: Partial<Timing>;
}

interface Timing {
  retry: BackoffBounds;
  /** Milliseconds after which a watch counts as a good one, and waits are short again. */
  steadyMs: number;
  /** Milliseconds for a listing that comes as events. */
  listingMs: number;
}

const usualTiming: Timing = {
  retry: { baseMs: 200, ceilingMs: 5_000 },
  steadyMs: 10_000,
  listingMs: 30_000,
};

/** Servers end watches after this long, give or take, so that their load stays even. */
const watchSeconds = { least: 240, spread: 120 };
const longestRetryAfterMs = 1_000;
const pageSize = 500;

/**
 * Keeps a store equal to what the API server holds: a listing, then a watch from there on, begun anew
 * after whatever ends it. It goes on for ever: refused connections, resets, 403 before RBAC has
 * settled, 404 before the CRD is there, 410 after a pause are all waited out. Meanwhile, and while
 * the CRD is gone, the store keeps what it last held.
 */
export class Reflector<Item extends KubeObject = KubeObject> {
  readonly #options: ReflectorOptions<Item>;
  readonly #timing: Timing;
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  /** From where the next watch goes on; absent, it needs a listing. */
  #resourceVersion: string | undefined;
  #streamsLists = true;
  #failures = 0;
  #troubled = false;
  #running: Promise<void> | undefined;

  constructor(options: ReflectorOptions<Item>) {
    this.#options = options;
    this.#timing = { ...usualTiming, ...options.timing };
    this.#synced.promise.catch(() => undefined);
  }

  /** Resolves once the store has held everything for the first time; rejects where it is stopped before. */
  get whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the store is touched no more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#synced.reject(new Error("The reflector was stopped before its first listing ended"));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startedAt = performance.now();
      let retryAfterMs = 0;
      try {
        await this.#round();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        retryAfterMs = this.#recover(error);
      }
      if (performance.now() - startedAt >= this.#timing.steadyMs) this.#failures = 0;
      await this.#rest(retryAfterMs);
    }
  }

  /** Also after a clean end, as every watch ends: a server that ends them at once must not be hammered. */
  async #rest(atLeastMs: number): Promise<void> {
    const jitter = 0.5 + this.#options.random() / 2;
    const delay = backoffDelay(this.#failures, this.#timing.retry, jitter);
    this.#failures += 1;
    await pause(Math.max(delay, atLeastMs), undefined, { signal: this.#stop.signal }).catch(
      () => undefined,
    );
  }

  /** One watch, with the listing before it where there is nothing to go on from. */
  async #round(): Promise<void> {
    if (this.#resourceVersion === undefined && this.#streamsLists) {
      await this.#streamList();
      return;
    }
    const resourceVersion = this.#resourceVersion ?? (await this.#list());
    await this.#follow({ resourceVersion });
  }

  /** @returns how many milliseconds the server wants to be left alone */
  #recover(error: unknown): number {
    if (this.#streamsLists && this.#resourceVersion === undefined && isRefusal(error)) {
      this.#streamsLists = false;
      return 0;
    }
    if (!canGoOn(error)) this.#resourceVersion = undefined;
    this.#troubled = true;
    this.#options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
    const wanted = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    return Math.min(wanted, longestRetryAfterMs);
  }

  async #list(): Promise<string> {
    try {
      return await this.#takePages(pageSize);
    } catch (error) {
      if (!(error instanceof KubeError && error.code === "Expired")) throw error;
      // What the pages were cut from was compacted away between two of them; one piece cannot be.
      return this.#takePages(undefined);
    }
  }

  async #takePages(limit: number | undefined): Promise<string> {
    const seen = new Set<string>();
    let version = "";
    for await (const page of listPages<Item>(this.#options, limit, this.#stop.signal)) {
      for (const item of page.items) this.#put(item, seen);
      version = page.resourceVersion ?? version;
    }
    this.#complete(seen, version);
    return version;
  }

  /** The listing comes as events of the watch that follows it: one call, and no page to keep. */
  async #streamList(): Promise<void> {
    const listing = new StreamedListing(this.#timing.listingMs);
    try {
      const from = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
      await this.#follow(from, listing);
    } finally {
      listing.close();
      // It takes the question, and does not know how to answer it.
      if (listing.signal.aborted) this.#streamsLists = false;
    }
  }

  async #follow(from: Record<string, string>, listing?: StreamedListing): Promise<void> {
    const { random } = this.#options;
    const seconds = watchSeconds.least + Math.floor(random() * watchSeconds.spread);
    const signals = [this.#stop.signal, ...(listing === undefined ? [] : [listing.signal])];
    const signal = AbortSignal.any(signals);
    const onOpen = () => listing === undefined && this.#endTrouble();
    for await (const event of watchEvents(this.#options, { from, seconds, signal, onOpen })) {
      if (listing?.isOpen !== true) this.#take(event);
      else if (!isEndOfListing(event)) this.#change(event, listing.seen);
      else {
        listing.close();
        this.#complete(listing.seen, event.object.metadata.resourceVersion);
      }
    }
  }

  #take(event: WatchEvent): void {
    this.#change(event);
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  /** During a listing, versions are those of the objects and come in any order. */
  #change({ type, object }: WatchEvent, seen?: Set<string>): void {
    if (type === "BOOKMARK") return;
    if (type !== "DELETED") return this.#put(object as Item, seen);
    this.#options.store.remove(keyOf(object));
  }

  #put(item: Item, seen?: Set<string>): void {
    seen?.add(keyOf(item));
    this.#options.store.put(this.#options.trim?.(item) ?? item);
  }

  #complete(seen: ReadonlySet<string>, resourceVersion: string | undefined): void {
    this.#options.store.retain(seen);
    this.#resourceVersion = resourceVersion;
    this.#isSynced = true;
    this.#synced.resolve();
    this.#endTrouble();
  }

  #endTrouble(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#options.onTrouble?.(undefined);
  }
}

/** Servers before 1.32 know no `sendInitialEvents`. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && refusals.has(error.code);
}

const refusals: ReadonlySet<KubeErrorCode> = new Set(["BadRequest", "Invalid"]);

/** Whether the version that was reached may still be good: else only a new listing tells the truth. */
function canGoOn(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    passing.has(error.code) &&
    !error.causes.some(({ reason }) => reason === "ResourceVersionTooLarge")
  );
}

const passing: ReadonlySet<KubeErrorCode> = new Set([
  "Forbidden",
  "TooManyRequests",
  "Unauthorized",
  "Unavailable",
  "Unreachable",
]);
