import type { Clock } from "../lib/index.ts";
import type { BackendEntry, RoutingTable } from "../table/index.ts";
import { DecayingHistogram } from "./decaying-histogram.ts";
import { DecayingShare } from "./decaying-share.ts";

/** What an attempt teaches. Leave out what is not known. */
export interface AttemptSample {
  /** Name of the route; its answers' lengths are learnt. */
  route: string;
  /** False where the failure speaks against the backend's health. */
  ok: boolean;
  /** From the call to its first token; only a stream tells. */
  firstTokenMs?: number | undefined;
  /** From the call to its end. */
  totalMs?: number | undefined;
  /** From the call to its answer; only one that came whole tells. */
  wholeMs?: number | undefined;
  outputTokens?: number | undefined;
  /** All of the input, cached tokens included. */
  inputTokens?: number | undefined;
  cacheReadTokens?: number | undefined;
}

/** A wait that was given up: at least so long. */
export interface UnendedWait {
  route: string;
  firstTokenMs?: number | undefined;
  wholeMs?: number | undefined;
}

/** Load dominates latency, and load moves within minutes. */
const latencyHalfLifeMs = 5 * 60_000;
const healthHalfLifeMs = 60_000;
const lengthHalfLifeMs = 60 * 60_000;

/** As many samples as weigh as much as what was declared: fewer would let one odd answer rule. */
const priorSamples = 20;

/** An attempt's failure must not condemn a backend that nobody has called lately. */
const healthDoubt = 4;
const cacheDoubtTokens = 10_000;

/** An answer this short says more of the network than of the model's speed. */
const fewestTokens = 8;

/** P95 of an answer's tokens on a route that nobody has called: most chat answers are shorter. */
const unknownOutputTokens = 512;
/** The median of them, of lengths that are log-normal with a deviation of 0.7. */
const unknownUsualTokens = 160;

/** A declared first token is its P95; half of that is about the median of a log-normal one. */
const medianOfP95 = 0.5;

/** Ratios need something above zero, whatever was declared. */
const leastBelieved = 0.1;

/** What has been seen of a quantity, and from 0 to below 1 how far that outweighs what was declared. */
export interface Seen {
  values: DecayingHistogram | undefined;
  trust: number;
}

interface BackendPage {
  firstTokenMs: DecayingHistogram;
  /** Of answers that came whole, by route: each asks for another length. */
  wholeMs: Map<string, DecayingHistogram>;
  tokensPerSecond: DecayingHistogram;
  failures: DecayingShare;
  cacheReads: DecayingShare;
}

/**
 * What a router has seen of its backends and routes lately; until it has seen enough, what the
 * backend's `expectations` say. The only state of the room: one page a backend and one a route,
 * each of constant size.
 */
export class LatencyBook {
  readonly #clock: Clock;
  readonly #backends = new Map<string, BackendPage>();
  readonly #outputTokens = new Map<string, DecayingHistogram>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an attempt that has ended, in constant time. */
  observe(backend: BackendEntry, sample: AttemptSample): void {
    const now = this.#clock.elapsed();
    const page = this.#pageOf(backend.name);
    page.failures.observe(sample.ok ? 0 : 1, 1, now);
    if (sample.firstTokenMs !== undefined) page.firstTokenMs.observe(sample.firstTokenMs, now);
    if (!sample.ok) return;
    if (sample.wholeMs !== undefined) wholesOf(page, sample.route).observe(sample.wholeMs, now);
    if (sample.inputTokens !== undefined) {
      page.cacheReads.observe(sample.cacheReadTokens ?? 0, sample.inputTokens, now);
    }
    if (sample.outputTokens === undefined) return;
    this.#lengthsOf(sample.route).observe(sample.outputTokens, now);
    this.#observeSpeed(page, backend, sample, sample.outputTokens);
  }

  /** Notes a wait that we gave up, which says nothing of the backend's health. */
  observeWait({ name }: BackendEntry, { route, firstTokenMs, wholeMs }: UnendedWait): void {
    const now = this.#clock.elapsed();
    const page = this.#pageOf(name);
    if (firstTokenMs !== undefined) page.firstTokenMs.observeAtLeast(firstTokenMs, now);
    if (wholeMs !== undefined) wholesOf(page, route).observeAtLeast(wholeMs, now);
  }

  /** Milliseconds to the first token of the backend's streams. */
  firstTokens(backend: string): Seen {
    return this.#seen(this.#backends.get(backend)?.firstTokenMs);
  }

  /** Milliseconds to the end of the answers that the backend gave whole on this route. */
  wholes(backend: string, route: string): Seen {
    return this.#seen(this.#backends.get(backend)?.wholeMs.get(route));
  }

  #seen(values: DecayingHistogram | undefined): Seen {
    const samples = values?.samples(this.#clock.elapsed()) ?? 0;
    return { values, trust: samples / (samples + priorSamples) };
  }

  #observeSpeed(
    page: BackendPage,
    backend: BackendEntry,
    sample: AttemptSample,
    tokens: number,
  ): void {
    const { totalMs } = sample;
    if (totalMs === undefined || tokens < fewestTokens) return;
    // A whole answer does not tell when it began; never more than half of it is taken for the wait.
    const waited = sample.firstTokenMs ?? Math.min(this.firstTokenMs(backend, 0.5), totalMs / 2);
    page.tokensPerSecond.observe((tokens * 1_000) / (totalMs - waited), this.#clock.elapsed());
  }

  /** A quantile of the milliseconds to the first token, such as 0.95. */
  firstTokenMs(backend: BackendEntry, share: number): number {
    const declared = backend.expectations.firstTokenP95Ms;
    const believed = share < 0.75 ? declared * medianOfP95 : declared;
    return this.#blend(this.#backends.get(backend.name)?.firstTokenMs, share, believed);
  }

  /** The median of the output tokens a second, once the first has come. */
  tokensPerSecond(backend: BackendEntry): number {
    const declared = backend.expectations.tokensPerSecond;
    return this.#blend(this.#backends.get(backend.name)?.tokensPerSecond, 0.5, declared);
  }

  /** P95 of the output tokens of the route's answers: a high quantile, since a ceiling is held against it. */
  outputTokens(route: string): number {
    return Math.ceil(this.#blend(this.#outputTokens.get(route), 0.95, unknownOutputTokens));
  }

  /** The median of the output tokens of the route's answers. */
  usualOutputTokens(route: string): number {
    return this.#blend(this.#outputTokens.get(route), 0.5, unknownUsualTokens);
  }

  /** The share of recent attempts that failed, from 0 to 1; a backend that nobody calls recovers. */
  failureShare(backend: string): number {
    return this.#backends.get(backend)?.failures.share(this.#clock.elapsed()) ?? 0;
  }

  /** The share of recent input that came from the provider's cache. */
  cacheReadShare(backend: string): number {
    return this.#backends.get(backend)?.cacheReads.share(this.#clock.elapsed()) ?? 0;
  }

  /** Forgets what a newly loaded table no longer holds. */
  retain(table: Pick<RoutingTable, "backends" | "routes">): void {
    for (const name of this.#backends.keys()) {
      if (!Object.hasOwn(table.backends, name)) this.#backends.delete(name);
    }
    for (const { wholeMs } of this.#backends.values()) {
      for (const name of wholeMs.keys()) {
        if (!Object.hasOwn(table.routes, name)) wholeMs.delete(name);
      }
    }
    for (const name of this.#outputTokens.keys()) {
      if (!Object.hasOwn(table.routes, name)) this.#outputTokens.delete(name);
    }
  }

  /** Moves from what was declared to what was seen, on the scale of ratios, as samples come in. */
  #blend(seen: DecayingHistogram | undefined, share: number, declared: number): number {
    const believed = Math.max(declared, leastBelieved);
    const value = seen?.quantile(share);
    return value === undefined ? believed : blend(believed, value, this.#seen(seen).trust);
  }

  #pageOf(backend: string): BackendPage {
    let page = this.#backends.get(backend);
    if (page === undefined) {
      page = {
        firstTokenMs: new DecayingHistogram({ lowest: 1, halfLifeMs: latencyHalfLifeMs }),
        wholeMs: new Map(),
        tokensPerSecond: new DecayingHistogram({ lowest: 0.1, halfLifeMs: latencyHalfLifeMs }),
        failures: new DecayingShare(healthHalfLifeMs, healthDoubt),
        cacheReads: new DecayingShare(lengthHalfLifeMs, cacheDoubtTokens),
      };
      this.#backends.set(backend, page);
    }
    return page;
  }

  #lengthsOf(route: string): DecayingHistogram {
    let lengths = this.#outputTokens.get(route);
    if (lengths === undefined) {
      lengths = new DecayingHistogram({ lowest: 1, halfLifeMs: lengthHalfLifeMs });
      this.#outputTokens.set(route, lengths);
    }
    return lengths;
  }
}

function wholesOf({ wholeMs }: BackendPage, route: string): DecayingHistogram {
  let values = wholeMs.get(route);
  if (values === undefined) {
    values = new DecayingHistogram({ lowest: 1, halfLifeMs: latencyHalfLifeMs });
    wholeMs.set(route, values);
  }
  return values;
}

/** From one value towards another, on the scale of ratios. */
export function blend(from: number, to: number, weight: number): number {
  return from * (to / from) ** weight;
}
