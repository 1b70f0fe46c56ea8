import type { ConnectionOptions } from "node:tls";
import type { Cluster, ClusterOptions, Redis, RedisOptions } from "iovalkey";
import { keyCount, scripts } from "./scripts.ts";

export interface RedisSettings {
  /** One server, or some nodes of a cluster, from which the others are learned. */
  addresses: readonly { host: string; port: number }[];
  cluster: boolean;
  /** Null: no TLS. `ca` in PEM; absent: the authorities that Node trusts. */
  tls: { ca?: string } | null;
  username?: string;
  password?: string;
  /** Not in a cluster. */
  database: number;
  /** Of every key: two installations on one server need two. */
  keyPrefix: string;
  /** The most that a request waits for an answer. */
  timeoutMs: number;
}

/** What the store asks of a server, whichever way it is reached. A call rejects within the timeout. */
export interface RedisConnection {
  run(
    script: keyof typeof scripts,
    keys: readonly string[],
    words: readonly Word[],
  ): Promise<string[]>;
  /** Takes a member out of a sorted set. */
  remove(key: string, member: string): Promise<unknown>;
  /** Writes a key for no other reason than to see whether it could be written; it is gone in a moment. */
  probe(key: string): Promise<unknown>;
  close(): void;
}

export type Word = string | number;

type ScriptCall = (...words: Word[]) => Promise<string[]>;

type Client = (Redis | Cluster) & Record<keyof typeof scripts, ScriptCall>;

const connectMs = 2_000;

const probeMs = 1_000;

/** A server that says nothing for so long while it is asked is given up, and connected to anew. */
const silentMs = 3_000;

/**
 * Connects in the background, again and again. Nothing is queued while there is no connection: a call
 * is refused at once. Scripts are sent in full to a server that does not have them.
 */
export async function connectRedis(settings: RedisSettings): Promise<RedisConnection> {
  // Most routers count in memory, and need not wait for a library that they do not use.
  const library = await import("iovalkey");
  const make = settings.cluster ? makeCluster : makeSingle;
  const client = make(library, settings) as Client;
  const trouble = new ConnectionTrouble();
  // Without a listener the library writes to the terminal.
  client.on("error", (error: Error) => trouble.note(error));
  client.on("ready", () => trouble.note(undefined));
  const ask = <T>(answer: Promise<T>): Promise<T> =>
    bounded(answer, settings.timeoutMs).catch((error: unknown) => {
      throw trouble.behind(error);
    });
  return {
    run: (script, keys, words) => ask(client[script](...keys, ...words)),
    remove: (key, member) => ask(client.zrem(key, member)),
    probe: (key) => ask(client.set(key, "", "PX", probeMs)),
    close: () => client.disconnect(),
  };
}

/**
 * Why there is no connection: a refused call says no more than that there is none, and whoever gave a wrong
 * password or address should be told.
 */
class ConnectionTrouble {
  #last: Error | undefined;

  note(error: Error | undefined): void {
    // A cluster tells of all its nodes at once, and of what was wrong with the last one beside it.
    const { lastNodeError } = (error ?? {}) as { lastNodeError?: unknown };
    this.#last = lastNodeError instanceof Error ? lastNodeError : error;
  }

  behind(error: unknown): unknown {
    if (this.#last === undefined || isAnswered(error) || error instanceof StoreLate) return error;
    // Where all addresses of a name failed the message is empty, and the code says it.
    const { message, name, code = name }: Error & { code?: string } = this.#last;
    return new Error(`There is no connection: ${message === "" ? code : message}`, {
      cause: error,
    });
  }
}

interface Library {
  Redis: typeof Redis;
  Cluster: typeof Cluster;
}

function makeSingle(library: Library, settings: RedisSettings): Redis {
  const [address] = settings.addresses;
  return new library.Redis({
    ...address,
    ...common(settings),
    db: settings.database,
    enableOfflineQueue: false,
    retryStrategy: pauseMs,
  });
}

function makeCluster(library: Library, settings: RedisSettings): Cluster {
  const options: ClusterOptions = {
    scripts: definitions,
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseMs,
    slotsRefreshTimeout: connectMs,
    redisOptions: common(settings),
    // Names are to be resolved where TLS looks at them.
    ...(settings.tls === null ? {} : { dnsLookup: (host, done) => done(null, host) }),
  };
  return new library.Cluster([...settings.addresses], options);
}

const definitions = {
  admit: { lua: scripts.admit, numberOfKeys: keyCount },
  settle: { lua: scripts.settle, numberOfKeys: keyCount },
};

function common({ username, password, tls }: RedisSettings): RedisOptions {
  return {
    scripts: definitions,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === null ? {} : { tls: tls satisfies ConnectionOptions }),
    connectionName: "switchyard",
    connectTimeout: connectMs,
    socketTimeout: silentMs,
    keepAlive: 10_000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A server that has become a replica takes no writes: its name may lead to another one by now.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  };
}

function pauseMs(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 1_000);
}

/** A late answer is heard by nobody. */
function bounded<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreLate(ms)), ms);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** Whether a call failed by an answer of the server, which so is there. */
export function isAnswered(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** The store has not answered in time. */
export class StoreLate extends Error {
  constructor(ms: number) {
    super(`No answer within ${ms} ms`);
    this.name = "StoreLate";
  }
}
