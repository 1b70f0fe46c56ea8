import {
  Callers,
  buildKeyIndex,
  buildTokenIndex,
  readCredential,
} from "../../../src/tenancy/index.ts";
import type { FetchKeys, Identification } from "../../../src/tenancy/index.ts";
import type { TenantEntry, TokenEntry } from "../../../src/table/index.ts";
import { audience, type IssuerKey } from "../../support/token-issuer.ts";
import { byName, tenantEntry } from "./sample-entries.ts";

export const issuer = "https://id.example.com";

export function tokenEntry(changes: Partial<TokenEntry> = {}): TokenEntry {
  return {
    id: "token-1",
    type: "Jwt",
    issuer,
    keys: { type: "Jwks", uri: `${issuer}/keys` },
    audience,
    algorithms: ["ES256"],
    claim: "team",
    value: "support",
    since: 0,
    ...changes,
  };
}

/** A tenant of that name that is known by tokens. */
export const tokenTenant = (
  name: string,
  tokens: readonly Partial<TokenEntry>[] = [{}],
  changes: Partial<TenantEntry> = {},
): TenantEntry => tenantEntry(name, { tokens: tokens.map(tokenEntry), ...changes });

/** Time that stands still until it is told to move on; seconds since the epoch are the real ones. */
class StoodClock {
  #ms = 0;
  readonly #began = Date.now();
  readonly now = (): number => this.#began + this.#ms;
  readonly elapsed = (): number => this.#ms;

  pass(ms: number): void {
    this.#ms += ms;
  }
}

export interface TokenStage {
  callers: Callers;
  clock: StoodClock;
  /** What the issuer publishes. */
  keys: IssuerKey[];
  /** What is at another place that says it had the issuer's keys. */
  elsewhere: IssuerKey[];
  /** How often it was asked. */
  asked: () => number;
  /** Why it cannot be asked; undefined where it can. */
  fail: (why: string | undefined) => void;
  problems: (string | undefined)[];
  /** Replaces the table. */
  load: (...tenants: TenantEntry[]) => void;
  /** Who sends this as a bearer. */
  show: (token: string) => Promise<Identification>;
}

/** Callers over an issuer whose keys are fetched without a network. */
export function tokenStage(keys: IssuerKey[], ...tenants: TenantEntry[]): TokenStage {
  const clock = new StoodClock();
  const elsewhere: IssuerKey[] = [];
  let asked = 0;
  let failure: string | undefined;
  const problems: (string | undefined)[] = [];
  const fetchKeys: FetchKeys = async (place) => {
    asked += 1;
    if (failure !== undefined) throw new Error(failure);
    const isElsewhere = place.keys.type === "Jwks" && place.keys.uri.endsWith("/elsewhere");
    const published = (isElsewhere ? elsewhere : stage.keys).map(({ publicJwk }) => publicJwk);
    return { issuer: place.issuer ?? issuer, keys: { keys: published } };
  };
  const callers = new Callers({ clock, fetchKeys, onFetch: (_place, why) => problems.push(why) });
  let subjects = { keys: buildKeyIndex({ tenants: {} }), tokens: buildTokenIndex({ tenants: {} }) };
  const stage: TokenStage = {
    callers,
    clock,
    keys,
    elsewhere,
    asked: () => asked,
    fail: (why) => {
      failure = why;
    },
    problems,
    load: (...entries) => {
      const table = { tenants: byName(entries) };
      subjects = {
        keys: buildKeyIndex(table),
        tokens: buildTokenIndex(table, subjects.tokens),
      };
      callers.adopt(subjects.tokens);
    },
    show: async (token) =>
      callers.identify(readCredential({ authorization: `Bearer ${token}` }), subjects),
  };
  stage.load(...tenants);
  return stage;
}
