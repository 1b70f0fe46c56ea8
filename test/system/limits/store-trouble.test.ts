import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/index.ts";
import { RedisLimitStore, type RedisSettings } from "../../../src/tenancy/index.ts";
import { freePort } from "../../support/kube/free-port.ts";
import { claim } from "../../support/limits/claims.ts";
import { redisSettings } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis({ password: "right" });
});

afterAll(() => server.stop());

/** Why a store says that it is away to whoever asks it so long after its start. */
async function reasonAfter(ms: number, changes: Partial<RedisSettings>): Promise<string> {
  let told = "";
  const store = await RedisLimitStore.open(redisSettings(server, changes), systemClock, {
    called: () => undefined,
    away: (_isAway, reason) => (told = reason),
    refused: () => undefined,
    lost: () => undefined,
  });
  await sleep(ms);
  await store.admit(claim("shop/checkout"));
  await store.close();
  return told;
}

test.each<[string, () => Promise<Partial<RedisSettings>>, RegExp]>([
  ["a wrong password", async () => ({ password: "wrong" }), /no connection: WRONGPASS/],
  ["a password that is missing", async () => ({}), /NOAUTH/],
  [
    "a port where nothing listens",
    async () => ({ addresses: [{ host: "127.0.0.1", port: await freePort() }] }),
    /no connection: connect ECONNREFUSED/,
  ],
  [
    "a cluster that is none",
    async () => ({ password: "right", cluster: true }),
    /no connection: .*cluster support disabled/,
  ],
])("a store that is away for %s says so", async (_what, changes, reason) => {
  const given = await changes();
  let waitMs = 50;
  await expect
    .poll(() => reasonAfter((waitMs *= 2), given), { timeout: 20_000, interval: 1 })
    .toMatch(reason);
});
