import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from "jose";
import { canonicalJson, type Clock, type Json } from "../../lib/index.ts";
import type { IssuerPlace } from "./token-index.ts";

/** An issuer as it says itself, with its public keys. */
export interface FetchedKeys {
  issuer: string;
  keys: JSONWebKeySet;
}

/** @throws an error whose message says why the keys cannot be had; takes `fetchLimitMs` at most */
export type FetchKeys = (place: IssuerPlace, signal: AbortSignal) => Promise<FetchedKeys>;

const fetchLimitMs = 5_000;

/** Keys that are older are fetched again, beside the requests. */
const refreshMs = 5 * 60_000;
/** Keys that are older are waited for, unless it is known that they cannot be had. */
const waitMs = 10 * 60_000;
/** Keys that are older are used no longer, whatever their issuer's state. */
const staleMs = 60 * 60_000;
/** So long after a fetch a key that is not there is taken for one that does not exist. */
const unknownKeyMs = 30_000;
/** So long after a failure nobody asks again. */
const retryMs = 10_000;

export interface HeldKeys {
  issuer: string;
  resolve: LocalJWKSet;
  count: number;
  content: string;
}

/** What there is to be seen of an issuer's keys. */
export interface IssuerStatus {
  /** Null: the cluster's own, of which nothing is known yet. */
  issuer: string | null;
  source: IssuerPlace["keys"]["type"];
  keys: number;
  /** Of the keys, in seconds; null without any. */
  ageSeconds: number | null;
  /** Why they could not be fetched the last time. */
  problem: string | null;
}

/** Told of every fetch: undefined where it succeeded. */
export type TellFetch = (place: IssuerPlace, problem: string | undefined) => void;

/**
 * The keys of one issuer, fetched beside the requests wherever that can be. What somebody's tokens make it do
 * is bounded: one fetch at a time, none within `unknownKeyMs` of another for a key that is not there, none
 * within `retryMs` of a failure.
 */
export class IssuerKeys {
  readonly place: IssuerPlace;
  readonly #fetch: FetchKeys;
  readonly #clock: Clock;
  readonly #tell: TellFetch;
  #held: HeldKeys | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #beganAt = Number.NEGATIVE_INFINITY;
  #failure: { message: string; at: number } | undefined;
  #fetching: Promise<void> | undefined;

  constructor(place: IssuerPlace, fetch: FetchKeys, clock: Clock, tell: TellFetch) {
    this.place = place;
    this.#fetch = fetch;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The keys that may be used now, without waiting; has them fetched again where it is time. */
  usable(): HeldKeys | undefined {
    const age = this.#age;
    if (age >= refreshMs) void this.#refresh();
    return age < (this.#failure === undefined ? waitMs : staleMs) ? this.#held : undefined;
  }

  /** The keys that may be used; waits for a fetch where there are none. Undefined where they cannot be had. */
  async current(): Promise<HeldKeys | undefined> {
    const usable = this.usable();
    if (usable !== undefined) return usable;
    await this.#refresh();
    return this.usable();
  }

  /** The same after a key was not among them: fetched anew, unless that was done a moment ago. */
  async renewed(): Promise<HeldKeys | undefined> {
    if (this.#fetching === undefined && this.#clock.elapsed() - this.#beganAt < unknownKeyMs)
      return this.usable();
    await this.#refresh();
    return this.usable();
  }

  /** Milliseconds until asking again can help. */
  get retryAfterMs(): number {
    const since = this.#failure === undefined ? 0 : this.#clock.elapsed() - this.#failure.at;
    return Math.max(1_000, retryMs - since);
  }

  get status(): IssuerStatus {
    const held = this.#held;
    return {
      issuer: held?.issuer ?? this.place.issuer ?? null,
      source: this.place.keys.type,
      keys: held?.count ?? 0,
      ageSeconds: held === undefined ? null : Math.round(this.#age / 1_000),
      problem: this.#failure?.message ?? null,
    };
  }

  get #age(): number {
    return this.#clock.elapsed() - this.#fetchedAt;
  }

  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    const now = this.#clock.elapsed();
    if (this.#failure !== undefined && now - this.#failure.at < retryMs) return Promise.resolve();
    this.#beganAt = now;
    this.#fetching = this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    try {
      this.#take(await this.#fetch(this.place, AbortSignal.timeout(fetchLimitMs)));
      this.#failure = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#failure = { message, at: this.#clock.elapsed() };
    }
    this.#tell(this.place, this.#failure?.message);
  }

  /** The same keys stay the same object, with all that was imported and verified by them. */
  #take({ issuer, keys }: FetchedKeys): void {
    const content = canonicalJson([issuer, keys as unknown as Json]);
    if (content !== this.#held?.content) {
      this.#held = { issuer, resolve: createLocalJWKSet(keys), count: keys.keys.length, content };
    }
    this.#fetchedAt = this.#clock.elapsed();
  }
}
