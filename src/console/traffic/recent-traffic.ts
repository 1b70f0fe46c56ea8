import type { Clock } from "../../lib/index.ts";
import type { KeptRecord, RecordSink, RequestRecord } from "../../records/index.ts";
import { PairTally, type PairFigures } from "./pair-tally.ts";
import { RecentRequests } from "./recent-requests.ts";
import { MoneyTally, RouteTally, type Money, type RouteFigures } from "./route-tally.ts";

/** What is told apart; what comes beyond these is in no tally, and said so. Each tally is a few kilobytes. */
const mostRoutes = 1_000;
const mostPairs = 1_000;
const mostTenants = 1_000;

/** Those that are read: nobody reads more of them, and each takes some microseconds of requests' time. */
const readPairs = 100;

/** Answers that nobody waited for, made to measure: they are no traffic. */
const measured = new Set(["shadow", "judge", "golden"]);

export interface TrafficReading {
  /** How long the router has been watched, in milliseconds. */
  watchedMs: number;
  routes: ReadonlyMap<string, RouteFigures>;
  /** The busiest of them. */
  pairs: readonly PairFigures[];
  tenants: ReadonlyMap<string, Money>;
  /** Requests for which no route was found, or whose caller was not let in. */
  unrouted: RouteFigures;
  /** Requests of routes, backends or tenants that were too many to be told apart. */
  untold: number;
  /** Not more than 200, the newest first. */
  requests: readonly RequestRecord[];
}

/**
 * What a router has served lately, as its records tell it. It is a sink among the others: on the path of
 * a request it adds to sums that are there, and keeps the record itself.
 */
export class RecentTraffic implements RecordSink {
  readonly #clock: Clock;
  readonly #beganAt: number;
  readonly #requests = new RecentRequests();
  readonly #routes = new Map<string, RouteTally>();
  readonly #pairs = new Map<string, Map<string, PairTally>>();
  readonly #tenants = new Map<string, MoneyTally>();
  readonly #unrouted = new RouteTally();
  #pairCount = 0;
  #untold = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.elapsed();
  }

  write(record: KeptRecord): void {
    if (record.stream !== "request") return;
    if (record.arm !== null && measured.has(record.arm)) return;
    const now = this.#clock.elapsed();
    this.#requests.add(record);
    this.#addRoute(record, now);
    if (record.tenant !== null) this.#addTenant(record.tenant, record);
  }

  /** Forgets what a newly loaded table no longer holds. */
  retain(table: {
    routes: Readonly<Record<string, unknown>>;
    backends: Readonly<Record<string, unknown>>;
    tenants: Readonly<Record<string, unknown>>;
  }): void {
    dropOthers(this.#routes, table.routes);
    dropOthers(this.#tenants, table.tenants);
    dropOthers(this.#pairs, table.routes);
    for (const pairs of this.#pairs.values()) dropOthers(pairs, table.backends);
    this.#pairCount = this.#pairs.values().reduce((sum, pairs) => sum + pairs.size, 0);
  }

  read(): TrafficReading {
    const now = this.#clock.elapsed();
    return {
      watchedMs: now - this.#beganAt,
      routes: new Map(this.#routes.entries().map(([name, tally]) => [name, tally.read(now)])),
      pairs: this.#busiestPairs(now),
      tenants: new Map(this.#tenants.entries().map(([name, tally]) => [name, tally.read()])),
      unrouted: this.#unrouted.read(now),
      untold: this.#untold,
      requests: this.#requests.all(),
    };
  }

  dropped(): number {
    return 0;
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  #busiestPairs(now: number): PairFigures[] {
    return [...this.#pairs]
      .flatMap(([route, pairs]) =>
        [...pairs].map(([backend, tally]) => ({
          route,
          backend,
          tally,
          busy: tally.attempts(now),
        })),
      )
      .toSorted((left, right) => right.busy - left.busy)
      .slice(0, readPairs)
      .map(({ route, backend, tally }) => tally.read(route, backend, now));
  }

  #addRoute(record: RequestRecord, now: number): void {
    const { route } = record;
    if (route === null) return this.#unrouted.add(record, now);
    const tally = this.#routes.get(route) ?? this.#newRoute(route);
    if (tally === undefined) {
      this.#untold += 1;
      return;
    }
    tally.add(record, now);
    for (const attempt of record.attempts) {
      if (attempt.sent) this.#pairOf(route, attempt.backend)?.add(attempt, now);
    }
  }

  #newRoute(route: string): RouteTally | undefined {
    if (this.#routes.size >= mostRoutes) return undefined;
    const tally = new RouteTally();
    this.#routes.set(route, tally);
    this.#pairs.set(route, new Map());
    return tally;
  }

  #pairOf(route: string, backend: string): PairTally | undefined {
    const pairs = this.#pairs.get(route);
    const known = pairs?.get(backend);
    if (known !== undefined || pairs === undefined) return known;
    if (this.#pairCount >= mostPairs) return undefined;
    const tally = new PairTally();
    pairs.set(backend, tally);
    this.#pairCount += 1;
    return tally;
  }

  #addTenant(tenant: string, record: RequestRecord): void {
    let tally = this.#tenants.get(tenant);
    if (tally === undefined) {
      if (this.#tenants.size >= mostTenants) return;
      tally = new MoneyTally();
      this.#tenants.set(tenant, tally);
    }
    tally.add(record);
  }
}

function dropOthers(tallies: Map<string, unknown>, kept: Readonly<Record<string, unknown>>): void {
  for (const name of tallies.keys()) if (!Object.hasOwn(kept, name)) tallies.delete(name);
}
