import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { redisSettings } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";
import { onlyRecordOf, send, type Got } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const keyOf = (tenant: string) => `sy_key-of-the-tenant-${tenant}`;
const budgets = [{ window: "Day", tokens: 1_000_000 }];
const tenants = ["well", "spoilt"];

let local: Local;
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
  local = await startLocal({
    redis: redisSettings(server),
    resources: [
      backendOf("micro"),
      routeOf("plain", ["micro"], { access: "Tenants" }),
      ...tenants.map((name) => tenantOf(name, keyOf(name), { budgets, storeFailure: "FailOpen" })),
    ],
  });
  await untilCounted("well");
});

afterAll(async () => {
  await local.stop();
  await server.stop();
});

const ask = (tenant: string): Promise<Got> =>
  send(local, {
    key: keyOf(tenant),
    body: { model: "plain", messages: [{ role: "user", content: "Hi" }], max_tokens: 20 },
  });

async function actionFor(tenant: string): Promise<string | undefined> {
  const { requestId } = await ask(tenant);
  return (await onlyRecordOf(local, requestId)).limits?.action;
}

const untilCounted = (tenant: string) =>
  vi.waitFor(async () => expect(await actionFor(tenant)).toBe("allow"), { timeout: 20_000 });

const metrics = async (): Promise<string> =>
  (await send({ url: local.adminUrl }, { method: "GET", path: "/metrics" })).text;

const told = (from: number): string[] =>
  local.log
    .slice(from)
    .map((line) => (JSON.parse(line) as { message: string }).message)
    .filter((message) => message.startsWith("Counting "));

describe.each([
  [
    "has no memory left",
    () => server.client.config("SET", "maxmemory", "1"),
    () => server.client.config("SET", "maxmemory", "0"),
  ],
  [
    "has become a replica",
    () => server.client.replicaof("127.0.0.1", 1),
    () => server.client.replicaof("NO", "ONE"),
  ],
] as const)("a store that answers, and %s", (_, spoil, mend) => {
  test("is away until it takes writes again, and said so once", async () => {
    const from = local.log.length;
    await spoil();
    expect(await actionFor("well")).toBe("uncounted");
    // Several probes have been made, and answered, by then.
    await sleep(1_200);
    for (let index = 0; index < 5; index += 1) expect(await actionFor("well")).toBe("uncounted");
    expect(await metrics()).toMatch(/^switchyard_limits_store_away 1$/m);
    expect(told(from)).toEqual(["Counting no limits: their store is away"]);
    await mend();
    await untilCounted("well");
    expect(told(from).slice(1)).toEqual(["Counting limits again: their store is back"]);
  });
});

describe.each(["counters", "held", "done"])(
  "keys of a tenant whose %s something else has overwritten",
  (name) => {
    test("leave other tenants counted, and are told of", async () => {
      const key = `test:{default/spoilt}:${name}`;
      await untilCounted("spoilt");
      const from = local.log.length;
      await server.client.set(key, "something else");
      for (let index = 0; index < 6; index += 1) {
        await ask("spoilt");
        expect(await actionFor("well")).toBe("allow");
      }
      expect(await metrics()).toMatch(/^switchyard_limits_store_away 0$/m);
      expect(told(from)).not.toContain("Counting no limits: their store is away");
      await server.client.del(key);
      await untilCounted("spoilt");
      await expect
        .poll(metrics, { timeout: 10_000 })
        .toMatch(/^switchyard_limits_store_unsettled 0$/m);
    });
  },
);

test("a tenant that the store refuses is named in the log, once for all its requests", () => {
  expect(told(0).filter((message) => message.includes("of a tenant"))).toHaveLength(1);
});
