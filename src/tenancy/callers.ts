import type { Clock } from "../lib/index.ts";
import type { Credential } from "./credential.ts";
import { digestOf, identify, identifyKey, type Identification } from "./identify.ts";
import type { KeyIndex } from "./key-index.ts";
import {
  IssuerKeys,
  type FetchKeys,
  type IssuerStatus,
  type TellFetch,
} from "./tokens/issuer-keys.ts";
import { judgeToken } from "./tokens/judge-token.ts";
import { KnownTokens } from "./tokens/known-tokens.ts";
import type { TokenIndex } from "./tokens/token-index.ts";

/** What a snapshot knows callers by. */
export interface KnownSubjects {
  keys: KeyIndex;
  tokens: TokenIndex;
}

export interface CallersOptions {
  clock: Clock;
  fetchKeys: FetchKeys;
  /** Told of every fetch of an issuer's keys. */
  onFetch?: TellFetch;
  /** Frees what fetching holds. */
  close?: () => Promise<void>;
}

/**
 * Tells who calls. It keeps, beside the tables, the keys of issuers and what tokens were verified, so that a
 * token that was shown before costs what an API key costs.
 */
export class Callers {
  readonly #options: CallersOptions;
  readonly #known = new KnownTokens();
  #issuers = new Map<string, IssuerKeys>();
  #closed = false;

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** Follows a new table: fetches the keys of issuers that are new in it, and forgets the others. */
  adopt({ groups }: TokenIndex): void {
    const issuers = new Map<string, IssuerKeys>();
    for (const group of groups) {
      const known = this.#issuers.get(group.id);
      const keys = known ?? this.#open(group);
      issuers.set(group.id, keys);
      if (known === undefined) void keys.current();
    }
    this.#issuers = issuers;
  }

  /**
   * Answers at once for keys and for tokens that were verified before. A promise never rejects, and waits for
   * an issuer's keys at most as long as a fetch may take, twice.
   */
  identify(
    credential: Credential,
    { keys, tokens }: KnownSubjects,
  ): Identification | Promise<Identification> {
    const now = this.#options.clock.now();
    if (credential.kind !== "token") return identify(credential, keys, now);
    const digest = digestOf(credential.value);
    const byKey = identifyKey(digest, keys, now);
    if (byKey !== undefined) return byKey;
    const name = digest.toString("hex");
    return this.#known.find(name, tokens, now) ?? this.#verify(credential.value, name, tokens, now);
  }

  /** Of every issuer of the table in use. */
  issuers(): IssuerStatus[] {
    return [...this.#issuers.values()].map(({ status }) => status);
  }

  async close(): Promise<void> {
    // What is cut off by this has not failed.
    this.#closed = true;
    await this.#options.close?.();
  }

  async #verify(
    token: string,
    name: string,
    tokens: TokenIndex,
    now: number,
  ): Promise<Identification> {
    const judged = await judgeToken(token, tokens, {
      now,
      keysOf: (group) => this.#issuers.get(group.id) ?? this.#open(group),
    });
    if ("refusal" in judged) return { ok: false, error: judged.refusal };
    this.#known.keep(name, { ...judged, index: tokens });
    return judged.identification;
  }

  #open({ issuer, keys }: TokenIndex["groups"][number]): IssuerKeys {
    const { fetchKeys, clock, onFetch } = this.#options;
    const place = { keys, ...(issuer === undefined ? {} : { issuer }) };
    return new IssuerKeys(place, fetchKeys, clock, (...news) => {
      if (!this.#closed) onFetch?.(...news);
    });
  }
}
