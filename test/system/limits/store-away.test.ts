import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { heldBy } from "../../support/limits/held-by.ts";
import { redisSettings } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";
import { errorIn, onlyRecordOf, send, type Got } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const keyOf = (tenant: string) => `sy_key-of-the-tenant-${tenant}`;
const budgets = [{ window: "Day", tokens: 1_000_000 }];
const timeoutMs = 300;

let local: Local;
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
  local = await startLocal({
    redis: redisSettings(server, { timeoutMs }),
    resources: [
      backendOf("micro"),
      routeOf("plain", ["micro"], { access: "Tenants" }),
      tenantOf("open", keyOf("open"), { budgets, storeFailure: "FailOpen" }),
      tenantOf("closed", keyOf("closed"), { budgets, storeFailure: "FailClosed" }),
      tenantOf("free", keyOf("free")),
    ],
  });
  await untilCounted();
});

afterEach(async () => {
  server.thaw();
  await untilCounted();
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

async function actionOf(got: Got): Promise<string | undefined> {
  return (await onlyRecordOf(local, got.requestId)).limits?.action;
}

async function untilCounted(): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (Date.now() < giveUpAt) {
    if ((await actionOf(await ask("open"))) === "allow") return;
    await sleep(50);
  }
  throw new Error("The store does not count");
}

async function metric(name: string): Promise<number> {
  const { text } = await send({ url: local.adminUrl }, { method: "GET", path: "/metrics" });
  const line = text.split("\n").find((each) => each.startsWith(name)) ?? "";
  return Number(line.split(" ").at(-1));
}

const usedBy = async (tenant: string) => heldBy(server, `test:{default/${tenant}}`);

const tokensOf = async (got: Got): Promise<number> => {
  const { tokens } = await onlyRecordOf(local, got.requestId);
  return (tokens?.in ?? 0) + (tokens?.out ?? 0);
};

describe.each([
  ["hangs", () => server.freeze(), () => server.thaw()],
  ["is killed", () => server.kill(), () => server.restart()],
] as const)("a store that %s", (_, leave, comeBack) => {
  test("lets pass who fails open, refuses who fails closed, and leaves others alone", async () => {
    await leave();
    const open = await ask("open");
    expect(open.status).toBe(200);
    expect(await actionOf(open)).toBe("uncounted");
    const closed = await ask("closed");
    expect(closed.status).toBe(503);
    expect(errorIn(closed)).toMatchObject({ code: "limits_unavailable", type: "server_error" });
    expect(closed.headers["retry-after"]).toBe("1");
    expect((await onlyRecordOf(local, closed.requestId)).attempts).toEqual([]);
    expect((await ask("free")).status).toBe(200);
    await comeBack();
  });

  test("is asked by a few requests alone, and said to be away and back once each", async () => {
    const from = local.log.length;
    await leave();
    for (let index = 0; index < 12; index += 1) expect((await ask("open")).status).toBe(200);
    expect(await metric("switchyard_limits_store_away")).toBe(1);
    const failed = await metric("switchyard_limits_store_failures");
    for (let index = 0; index < 20; index += 1) await ask("open");
    expect(await metric("switchyard_limits_store_failures")).toBe(failed);
    await comeBack();
    await untilCounted();
    expect(await metric("switchyard_limits_store_away")).toBe(0);
    const told = local.log.slice(from).filter((line) => line.includes("store is"));
    expect(told.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      "Counting no limits: their store is away",
      "Counting limits again: their store is back",
    ]);
  });

  test("is told of what was used meanwhile when it is back", async () => {
    const before = await usedBy("open");
    await leave();
    let used = 0;
    for (let index = 0; index < 8; index += 1) used += await tokensOf(await ask("open"));
    await comeBack();
    const from = local.records.all.length;
    await untilCounted();
    await untilZero(() => metric("switchyard_limits_store_unsettled"));
    await untilZero(() => metric("switchyard_limits_reservations"));
    for (const { tokens } of local.records.all.slice(from)) {
      used += (tokens?.in ?? 0) + (tokens?.out ?? 0);
    }
    await expect.poll(() => usedBy("open"), { timeout: 10_000 }).toBe(before + used);
  });
});

async function untilZero(read: () => Promise<number>): Promise<void> {
  await expect.poll(read, { timeout: 10_000 }).toBe(0);
}

test("a store that has forgotten its scripts is sent them again", async () => {
  await server.client.script("FLUSH");
  const got = await ask("closed");
  expect(got.status).toBe(200);
  expect(await actionOf(got)).toBe("allow");
});
