import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisLimitStore } from "../../../src/tenancy/index.ts";
import { claim, counted } from "../../support/limits/claims.ts";
import { describeLimitStore } from "../../support/limits/limit-store-contract.ts";
import { openRedisStore } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";

let server: RedisServer;
let store: RedisLimitStore;

describe("a cluster", () => {
  beforeAll(async () => {
    server = await startRedis({ cluster: true });
    store = await openRedisStore(server, { settings: { cluster: true } });
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  describeLimitStore("Redis Cluster", () => store);
});

describe("a server with a password", () => {
  const password = "a-password-of-the-test";

  beforeAll(async () => {
    server = await startRedis({ password });
  });

  afterAll(async () => server.stop());

  test("counts for who knows it", async () => {
    const knowing = await openRedisStore(server, { settings: { password, database: 3 } });
    const requests = { max: 1, observed: false };
    expect((await counted(knowing, claim("team/a", { requests }))).refusedBy).toBeNull();
    expect((await counted(knowing, claim("team/a", { requests }))).refusedBy).toBe(0);
    await server.client.select(3);
    expect(await server.client.exists("test:{team/a}:counters")).toBe(1);
    await knowing.close();
  });

  test("is away for who does not", async () => {
    await expect(
      openRedisStore(server, { settings: { password: "another" }, patienceMs: 1_000 }),
    ).rejects.toThrow("does not count");
  });
});

test("two prefixes on one server count apart", async () => {
  server = await startRedis();
  const stores = await Promise.all(
    ["one", "two"].map((keyPrefix) => openRedisStore(server, { settings: { keyPrefix } })),
  );
  const requests = { max: 1, observed: false };
  for (const each of stores) {
    expect((await counted(each, claim("team/a", { requests }))).refusedBy).toBeNull();
    await each.close();
  }
  await server.stop();
});
