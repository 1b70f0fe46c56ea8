import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisLimitStore } from "../../../src/tenancy/index.ts";
import { makeAuthority } from "../../support/kube/certificates.ts";
import { freePort } from "../../support/kube/free-port.ts";
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

describe("a server that speaks TLS", () => {
  let folder: string;
  let pem: string;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-redis-tls-"));
    const authority = await makeAuthority(folder);
    pem = authority.pem;
    const names = ["IP:127.0.0.1"];
    const files = await authority.issue("redis", { commonName: "redis", names });
    port = await freePort();
    server = await startRedis({ tls: { ...files, port, authority: authority.certificate } });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (ca: { ca?: string }) =>
    openRedisStore({ host: "127.0.0.1", port }, { settings: { tls: ca }, patienceMs: 3_000 });

  test("counts where its authority is known", async () => {
    const knowing = await open({ ca: pem });
    expect((await counted(knowing, claim("team/a"))).refusedBy).toBeNull();
    await knowing.close();
  });

  test("is away where it is not", async () => {
    await expect(open({})).rejects.toThrow("does not count");
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
