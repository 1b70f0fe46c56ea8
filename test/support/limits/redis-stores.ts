import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, type Clock } from "../../../src/lib/index.ts";
import {
  RedisLimitStore,
  type RedisSettings,
  type StoreObserver,
} from "../../../src/tenancy/index.ts";
import { claim } from "./claims.ts";

const deaf: StoreObserver = {
  called: () => undefined,
  away: () => undefined,
  refused: () => undefined,
  lost: () => undefined,
};

interface Choices {
  settings?: Partial<RedisSettings>;
  clock?: Clock;
  observer?: Partial<StoreObserver>;
  /** How long is waited for the connection. */
  patienceMs?: number;
}

export function redisSettings(
  { host, port }: { host: string; port: number },
  changes: Partial<RedisSettings> = {},
): RedisSettings {
  return {
    addresses: [{ host, port }],
    cluster: false,
    tls: null,
    database: 0,
    keyPrefix: "test",
    // Other tests keep the machine busy; what a late answer does is tested with bounds of its own.
    timeoutMs: 5_000,
    ...changes,
  };
}

/** A store that is connected. */
export async function openRedisStore(
  server: { host: string; port: number },
  { settings, clock = systemClock, observer = {}, patienceMs = openMs }: Choices = {},
): Promise<RedisLimitStore> {
  const store = await RedisLimitStore.open(redisSettings(server, settings), clock, {
    ...deaf,
    ...observer,
  });
  await untilCounting(store, patienceMs);
  return store;
}

const openMs = 20_000;

/** @throws Error where the store does not count in time, and then it is closed */
async function untilCounting(store: RedisLimitStore, patienceMs: number): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (Date.now() < giveUpAt) {
    const reply = await store.admit(claim("test/connecting"));
    if (reply.kind === "counted") return;
    await sleep(20);
  }
  await store.close();
  throw new Error("The store does not count");
}
