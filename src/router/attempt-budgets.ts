import type { Clock } from "../lib/index.ts";
import type { RouteEntry, RoutingTable } from "../table/index.ts";
import { ShareBucket } from "./share-bucket.ts";

/** A route with a request a minute still retries: fifty, and five in ten seconds, multiply no outage. */
const retries = { start: 50, most: 50, perSecond: 0.5 };

/** Hedges are a luxury: none but by share. The first may come with the first request. */
const hedges = { start: 1, most: 10, perSecond: 0 };

interface RouteBudget {
  retries: ShareBucket;
  hedges: ShareBucket;
}

/**
 * How many attempts beyond the first each route may still make, as far as this router has seen: a
 * share of a router's own traffic needs no store that routers share. One page a route.
 */
export class AttemptBudgets {
  readonly #clock: Clock;
  readonly #routes = new Map<string, RouteBudget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request begins: it earns its shares. */
  noteRequest({ name, fallback }: RouteEntry): void {
    const now = this.#clock.elapsed();
    const budget = this.#of(name, now);
    budget.retries.add(fallback.retryBudgetPercent, now);
    if (fallback.hedge !== undefined) budget.hedges.add(fallback.hedge.maxSharePercent, now);
  }

  /** Whether the route may repeat itself once more; where the author allows nothing, never. */
  hasRetry({ name, fallback }: RouteEntry): boolean {
    const now = this.#clock.elapsed();
    return fallback.retryBudgetPercent > 0 && this.#of(name, now).retries.has(now);
  }

  /** A retry or fallback begins. One that is let through although nothing is left owes nothing. */
  spendRetry({ name }: RouteEntry): void {
    const now = this.#clock.elapsed();
    this.#of(name, now).retries.take(now);
  }

  /** @returns whether a hedge may begin; it is spent then */
  takeHedge({ name }: RouteEntry): boolean {
    const now = this.#clock.elapsed();
    return this.#of(name, now).hedges.take(now);
  }

  /** Forgets the routes that a newly loaded table no longer holds. */
  retain({ routes }: Pick<RoutingTable, "routes">): void {
    for (const name of this.#routes.keys()) {
      if (!Object.hasOwn(routes, name)) this.#routes.delete(name);
    }
  }

  #of(route: string, now: number): RouteBudget {
    let budget = this.#routes.get(route);
    if (budget === undefined) {
      budget = { retries: new ShareBucket(retries, now), hedges: new ShareBucket(hedges, now) };
      this.#routes.set(route, budget);
    }
    return budget;
  }
}
