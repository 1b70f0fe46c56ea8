import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { canonicalJson } from "../lib/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { CredentialCell } from "./aws-credentials.ts";
import { readAwsFault } from "./aws-fault.ts";
import { BoundedHandler } from "./bounded-handler.ts";
import type { AwsCredentials, ReachBackend } from "./contract.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * What each AWS SDK client is made with. Retries are the router's: the SDK's own would hide a
 * throttled backend for seconds.
 */
export interface AwsClientSettings {
  region: string;
  endpoint?: string;
  credentials: () => Promise<AwsCredentials>;
  requestHandler: NodeHttpHandler;
  maxAttempts: 1;
  /** Else the SDK would prefer a bearer token of the environment. */
  authSchemePreference: string[];
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
  /** Calls once, and once more with new credentials where the vendor refused those at hand. */
  call<Answer>(signal: AbortSignal, once: (client: Client) => Promise<Answer>): Promise<Answer>;
  release(): void;
}

interface Options<Client> {
  reach: ReachBackend;
  create: (settings: AwsClientSettings) => Client;
  /** How many clients are kept; one more retires the one longest unused. */
  most?: number;
}

/** SDK clients by what sets them apart: region, endpoint, credentials and connect timeout. */
export class AwsClients<Client extends Closable> {
  readonly #reach: ReachBackend;
  readonly #create: (settings: AwsClientSettings) => Client;
  readonly #most: number;
  readonly #held = new Map<string, Held<Client>>();
  readonly #retired = new Set<Held<Client>>();

  constructor({ reach, create, most = 64 }: Options<Client>) {
    this.#reach = reach;
    this.#create = create;
    this.#most = most;
  }

  lease(backend: BackendEntry): AwsLease<Client> {
    const held = this.#find(backend);
    held.uses += 1;
    let released = false;
    return {
      call: async (signal, once) => callOnce(held, signal, once),
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

  #find(backend: BackendEntry): Held<Client> {
    const { endpoint = backend.target.endpoint, credentials } = this.#reach(backend);
    const { region } = backend.target;
    const { connectMs } = backend.timeouts;
    const key = canonicalJson([region, endpoint ?? null, { ...backend.credentials }, connectMs]);
    const held = this.#held.get(key) ?? this.#make({ region, endpoint, connectMs, credentials });
    held.credentials.follow(credentials);
    // Set anew, a key moves to the end: the first is the one longest unused.
    this.#held.delete(key);
    this.#held.set(key, held);
    this.#retireSurplus();
    return held;
  }

  #make(from: {
    region: string;
    endpoint: string | undefined;
    connectMs: number;
    credentials: CredentialSource;
  }): Held<Client> {
    const cell = new CredentialCell(from.credentials);
    const client = this.#create({
      region: from.region,
      ...(from.endpoint === undefined ? {} : { endpoint: from.endpoint }),
      credentials: asTheyAre(async () => cell.get()),
      requestHandler: http1(from.connectMs),
      maxAttempts: 1,
      authSchemePreference: ["sigv4"],
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

type CredentialSource = ConstructorParameters<typeof CredentialCell>[0];

/** The SDK would keep what a provider once gave; this mark leaves that to the cell. */
function asTheyAre(provider: () => Promise<AwsCredentials>): () => Promise<AwsCredentials> {
  return Object.assign(provider, { memoized: true });
}

// The clients' default speaks HTTP/2, heeds no timeouts and fails on servers of HTTP/1.1. How many
// calls are under way at once is bounded by the router, not by a queue for sockets that nobody sees.
function http1(connectMs: number): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return new BoundedHandler({
    connectionTimeout: connectMs,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}

async function callOnce<Client, Answer>(
  held: Held<Client>,
  signal: AbortSignal,
  once: (client: Client) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const sent = await untilAborted(held.credentials.get(), signal);
  try {
    return await once(held.client);
  } catch (error) {
    if (signal.aborted || !refusesToken(error)) throw error;
    const replaced = await untilAborted(held.credentials.replace(sent), signal);
    if (!replaced) throw error;
    return once(held.client);
  }
}

const tokenFaults = /^(?:expiredtoken|unrecognizedclient|invalidclienttokenid|requestexpired)/i;

/** Whether new credentials might be accepted: a missing permission stays missing. */
function refusesToken(error: unknown): boolean {
  const { name, message } = readAwsFault(error);
  if (tokenFaults.test(name)) return true;
  return /^accessdenied/i.test(name) && /security token|token .{0,40}expired/i.test(message);
}
