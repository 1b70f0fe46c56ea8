import { afterAll, beforeAll, expect, test } from "vitest";
import type { RedisLimitStore } from "../../../src/tenancy/index.ts";
import { claim, counted } from "../../support/limits/claims.ts";
import { describeLimitStore } from "../../support/limits/limit-store-contract.ts";
import { openRedisStore } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";

let server: RedisServer;
let store: RedisLimitStore;

beforeAll(async () => {
  server = await startRedis();
  store = await openRedisStore(server);
});

afterAll(async () => {
  await store.close();
  await server.stop();
});

describeLimitStore("Redis", () => store);

test("a server's clock that is put back keeps no tenant out until it comes to where it was", async () => {
  // A minute of 6,000 requests has room for another after some 10 ms.
  const asked = () => claim("shop/ahead", { requests: { max: 6_000, observed: false } });
  const anHourAhead = Date.now() + 3_600_000;
  await server.client.hset("test:{shop/ahead}:counters", { rl: 6_000, ra: anHourAhead });
  expect(await counted(store, asked())).toMatchObject({ refusedBy: 0 });
  await expect
    .poll(async () => (await counted(store, asked())).refusedBy, { timeout: 10_000 })
    .toBeNull();
});
