import type { Clock } from "../lib/index.ts";
import type { BackendEntry, RouteEntry, RoutingTable } from "../table/index.ts";
import { ShareBucket } from "./share-bucket.ts";

/** Of how many requests a share may come all at once, where a candidate was long not wanted. */
const recent = 100;

/**
 * The shares of their routes' requests that candidates with `maxSharePercent` have left, counted by this
 * router from its own traffic: where no router exceeds a share, all of them together do not. A share is
 * earned before it is spent, so that it holds from the first request on.
 */
export class CandidateShares {
  readonly #clock: Clock;
  /** By route, then by backend; only those that are bounded. */
  readonly #routes = new Map<string, Map<string, ShareBucket>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request of the route is about to be routed: its bounded candidates earn their shares of it. */
  noteRequest({ name, candidates }: RouteEntry): void {
    for (const { backend, maxSharePercent } of candidates) {
      if (maxSharePercent === undefined) continue;
      const now = this.#clock.elapsed();
      this.#bucketOf(name, backend, maxSharePercent, now).add(maxSharePercent, now);
    }
  }

  /** Whether the candidate may serve one more request of the route. */
  has({ name }: RouteEntry, backend: BackendEntry): boolean {
    return this.#routes.get(name)?.get(backend.name)?.has(this.#clock.elapsed()) ?? true;
  }

  /** The candidate is to serve a request; also for want of any other, and then it owes its share. */
  spend({ name }: RouteEntry, backend: BackendEntry): void {
    this.#routes.get(name)?.get(backend.name)?.owe(this.#clock.elapsed());
  }

  /** Another serves in its place. */
  giveBack({ name }: RouteEntry, backend: BackendEntry): void {
    this.#routes.get(name)?.get(backend.name)?.add(100, this.#clock.elapsed());
  }

  /** Forgets what a newly loaded table does not bound any more. */
  retain({ routes }: Pick<RoutingTable, "routes">): void {
    for (const [name, buckets] of this.#routes) {
      const candidates = routes[name]?.candidates ?? [];
      for (const backend of buckets.keys()) {
        const bounded = candidates.find((each) => each.backend === backend);
        if (bounded?.maxSharePercent === undefined) buckets.delete(backend);
      }
      if (buckets.size === 0) this.#routes.delete(name);
    }
  }

  #bucketOf(route: string, backend: string, percent: number, now: number): ShareBucket {
    let buckets = this.#routes.get(route);
    if (buckets === undefined) {
      buckets = new Map();
      this.#routes.set(route, buckets);
    }
    let bucket = buckets.get(backend);
    if (bucket === undefined) {
      // No less than one: else a share of less than one in `recent` could never be had.
      const most = Math.max(1, (percent * recent) / 100);
      bucket = new ShareBucket({ start: 0, most, perSecond: 0 }, now);
      buckets.set(backend, bucket);
    }
    return bucket;
  }
}
