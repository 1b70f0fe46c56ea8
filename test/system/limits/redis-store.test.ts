import { afterAll, beforeAll } from "vitest";
import type { RedisLimitStore } from "../../../src/tenancy/index.ts";
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
