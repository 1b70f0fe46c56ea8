import { canonicalJson } from "../lib/index.ts";
import { CredentialCell } from "./aws-credentials.ts";
import { readAwsFault } from "./aws-fault.ts";
import { refusesClock } from "./clock-skew.ts";
import type { AwsCredentials, Callee, Reach, ReachBackend } from "./contract.ts";
import { untilAborted } from "./until-aborted.ts";

/** What sets one client apart from another, and the credentials it is to sign with. */
export interface ClientSettings {
  region: string;
  /** In place of the service's own in the region. */
  endpoint?: string;
  fips: boolean;
  dualStack: boolean;
  /** Milliseconds within which a connection is to be there. */
  connectMs: number;
  /** Those at hand, to be asked for with every call. */
  credentials: () => Promise<AwsCredentials>;
}

interface Closable {
  destroy(): void;
}

interface Held<Client> {
  client: Client;
  credentials: CredentialCell;
  uses: number;
  retired: boolean;
}

/** The use of one client, to be released once the answer has been read to its end. */
export interface AwsLease<Client> {
  /**
   * Calls once, and once more where the vendor refused the credentials at hand, with new ones, or our clock,
   * with its own.
   */
  call<Answer>(signal: AbortSignal, once: CallOnce<Client, Answer>): Promise<Answer>;
  /** Again does no harm. */
  release(): void;
}

type CallOnce<Client, Answer> = (client: Client, credentials: AwsCredentials) => Promise<Answer>;

interface Options<Client> {
  reach: ReachBackend;
  create: (settings: ClientSettings) => Client;
  /** How many clients are kept; one more retires the one longest unused. */
  most?: number;
}

/** Clients of AWS's services by what sets them apart. */
export class AwsClients<Client extends Closable> {
  readonly #reach: ReachBackend;
  readonly #create: (settings: ClientSettings) => Client;
  readonly #most: number;
  readonly #held = new Map<string, Held<Client>>();
  readonly #retired = new Set<Held<Client>>();
  /** A backend's entry is one object for as long as its table is served. */
  readonly #keys = new WeakMap<Callee, { reach: Place; key: string }>();
  #latest: string | undefined;

  constructor({ reach, create, most = 64 }: Options<Client>) {
    this.#reach = reach;
    this.#create = create;
    this.#most = most;
  }

  lease(backend: Callee): AwsLease<Client> {
    const held = this.#find(backend);
    held.uses += 1;
    let released = false;
    return {
      call: (signal, once) => callOnce(held, signal, once),
      release: () => {
        if (released) return;
        released = true;
        held.uses -= 1;
        this.#sweep(held);
      },
    };
  }

  close(): void {
    for (const held of [...this.#held.values(), ...this.#retired]) held.client.destroy();
    this.#held.clear();
    this.#retired.clear();
  }

  #find(backend: Callee): Held<Client> {
    const reach = this.#reach(backend);
    const key = this.#keyOf(backend, reach);
    const known = this.#held.get(key);
    const held = known ?? this.#make(backend, reach);
    held.credentials.follow(reach.credentials);
    if (known !== undefined && key === this.#latest) return held;
    // Set anew, a key moves to the end: the first is the one longest unused.
    this.#held.delete(key);
    this.#held.set(key, held);
    this.#latest = key;
    this.#retireSurplus();
    return held;
  }

  #keyOf(backend: Callee, reach: Place): string {
    const known = this.#keys.get(backend);
    if (known !== undefined && isSamePlace(known.reach, reach)) return known.key;
    const { endpoint = backend.target.endpoint ?? null, fips = false, dualStack = false } = reach;
    const key = canonicalJson([
      backend.target.region,
      { endpoint, fips, dualStack },
      { ...backend.credentials },
      backend.timeouts.connectMs,
    ]);
    this.#keys.set(backend, { reach, key });
    return key;
  }

  #make({ target, timeouts }: Callee, reach: Reach): Held<Client> {
    const cell = new CredentialCell(reach.credentials);
    const { endpoint = target.endpoint, fips = false, dualStack = false } = reach;
    const client = this.#create({
      region: target.region,
      ...(endpoint === undefined ? {} : { endpoint }),
      fips,
      dualStack,
      connectMs: timeouts.connectMs,
      credentials: async () => cell.get(),
    });
    return { client, credentials: cell, uses: 0, retired: false };
  }

  #retireSurplus(): void {
    for (const [key, held] of this.#held) {
      if (this.#held.size <= this.#most) return;
      this.#held.delete(key);
      held.retired = true;
      this.#retired.add(held);
      this.#sweep(held);
    }
  }

  #sweep(held: Held<Client>): void {
    if (!held.retired || held.uses > 0) return;
    this.#retired.delete(held);
    held.client.destroy();
  }
}

type Place = Pick<Reach, "endpoint" | "fips" | "dualStack">;

const isSamePlace = (one: Place, other: Place): boolean =>
  one.endpoint === other.endpoint && one.fips === other.fips && one.dualStack === other.dualStack;

async function callOnce<Client, Answer>(
  { credentials, client }: Held<Client>,
  signal: AbortSignal,
  once: CallOnce<Client, Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const sent = credentials.atHand() ?? (await untilAborted(credentials.get(), signal));
  try {
    return await once(client, sent);
  } catch (error) {
    if (signal.aborted) throw error;
    if (refusesClock(error)) return once(client, sent);
    if (!refusesToken(error)) throw error;
    const replaced = await untilAborted(credentials.replace(sent), signal);
    if (!replaced) throw error;
    return once(client, await untilAborted(credentials.get(), signal));
  }
}

const tokenFaults = /^(?:expiredtoken|unrecognizedclient|invalidclienttokenid|requestexpired)/i;

/** Whether new credentials might be accepted: a missing permission stays missing. */
function refusesToken(error: unknown): boolean {
  const { name, message } = readAwsFault(error);
  if (tokenFaults.test(name)) return true;
  return /^accessdenied/i.test(name) && /security token|token .{0,40}expired/i.test(message);
}
