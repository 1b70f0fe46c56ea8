// Ten tenants spend their budgets by way of four `switchyard router` processes and a real Redis, while one of
// the routers and Redis are killed. What was spent is told by the simulator, which plays the provider that
// bills, and by the routers' records.
import { afterAll, beforeAll, expect, test } from "vitest";
import { picoFromUsd, type RequestRecord } from "../../../src/records/index.ts";
import { simulatedModels, type CallRecord, type Simulator } from "../../../src/simulators/index.ts";
import { calmZone } from "../../support/limits/calm-zone.ts";
import { heldBy } from "../../support/limits/held-by.ts";
import { inParallel } from "../../support/load-client.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";
import {
  ask,
  FourRouters,
  keyOf,
  mostTokens,
  startHolding,
  type Answer,
  type Router,
} from "./four-routers/stage.ts";

const atOnce = 48;
const tenants = Array.from({ length: 10 }, (_, index) => ({
  name: `${index < 8 ? "closed" : "open"}-${index}`,
  storeFailure: index < 8 ? "FailClosed" : "FailOpen",
  // Of 150 to 195 calls, and never a whole number of them.
  microUsd: 168 * (150 + 5 * index) + 77,
}));
const isClosed = (tenant: string) => tenant.startsWith("closed");
const day = { window: "Day", timeZone: calmZone() };

const resources = () => [
  backendOf("pro"),
  backendOf("haiku"),
  routeOf("plain", ["pro"], { access: "Tenants" }),
  routeOf("held", ["haiku"], { access: "Tenants" }),
  tenantOf("scout", keyOf("scout"), {
    budgets: [{ ...day, usd: "1" }],
    storeFailure: "FailClosed",
  }),
  ...tenants.map(({ name, storeFailure, microUsd }) =>
    tenantOf(name, keyOf(name), {
      budgets: [{ ...day, usd: String(microUsd / 1e6) }],
      storeFailure,
    }),
  ),
];

let simulator: Simulator;
let redis: RedisServer;
let stage: FourRouters;

beforeAll(async () => {
  [simulator, redis] = await Promise.all([startHolding(models.haiku), startRedis()]);
  stage = await FourRouters.open(simulator, redis, resources());
});

afterAll(async () => {
  await stage.close();
  await redis.stop();
  await simulator.close();
});

const answers: Answer[] = [];
/** Those to what was asked while Redis was away. */
const awayAnswers: Answer[] = [];
let isAway = false;

async function askAs(tenant: string, router: Router): Promise<Answer> {
  const kept = isAway ? [answers, awayAnswers] : [answers];
  const answer = await ask(router, { tenant, model: "plain" });
  for (const each of kept) each.push(answer);
  return answer;
}

/** Has all tenants ask all routers that are up, evenly; `trouble` comes in the midst of it. */
async function load(count: number, trouble: () => Promise<void>): Promise<void> {
  let coming: Promise<void> | undefined;
  await inParallel(count, atOnce, async (index) => {
    if (index === Math.floor(count / 3)) coming = trouble();
    const { name } = tenants[index % tenants.length]!;
    const { routers } = stage;
    await askAs(name, routers[Math.floor(index / tenants.length) % routers.length]!);
  });
  await coming;
}

/** The scout's policy fails closed: who answers it counts. */
async function untilAllCount(): Promise<void> {
  for (const router of stage.routers) {
    const status = async () => (await ask(router, { tenant: "scout", model: "plain" })).status;
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
  }
}

/** Kills a router that has a call of each tenant open, of which it can tell nobody any more. */
async function crashRouter(): Promise<void> {
  const router = stage.at(1);
  const lost = tenants.map(async ({ name }) => ask(router, { tenant: name, model: "held" }));
  const heldCalls = () => simulator.calls().filter(({ model }) => model === models.haiku).length;
  await expect.poll(heldCalls, { timeout: 20_000 }).toBe(tenants.length);
  await stage.kill(router);
  for (const { status } of await Promise.all(lost)) expect(status).toBe(0);
  await stage.start(1);
}

async function askEverywhere(): Promise<void> {
  const asked = stage.routers.flatMap((router) =>
    tenants.map(async ({ name }) => askAs(name, router)),
  );
  await Promise.all(asked);
}

/** Until each of the routers has refused, in turn. */
async function spendToTheEnd(tenant: string): Promise<void> {
  for (const router of stage.routers) {
    let answer = await askAs(tenant, router);
    for (let index = 0; answer.status === 200 && index < 400; index += 1) {
      answer = await askAs(tenant, router);
    }
    const { status, errorCode } = answer;
    expect([tenant, status, errorCode]).toEqual([tenant, 429, "insufficient_quota"]);
  }
}

/** By the simulator's own count, of the one question that is asked. */
const inputTokens = 9;

/** What a whole answer costs, in nano-USD: the provider bills what was begun, heard or not. */
function costOf(model: string): number {
  const { inputPerMTok, outputPerMTok } = simulatedModels.find(({ id }) => id === model)!.pricing;
  return Math.round(
    1_000 * (inputTokens * Number(inputPerMTok) + mostTokens * Number(outputPerMTok)),
  );
}

const tenantOfCall = ({ requestMetadata }: CallRecord) => requestMetadata?.["tenant"] ?? "nobody";
const idOfCall = ({ requestMetadata }: CallRecord) => requestMetadata?.["request_id"] ?? "none";
const costOfCalls = (calls: readonly CallRecord[]) =>
  calls.reduce((sum, { model }) => sum + costOf(model), 0);

/** Every call that was answered to its end is as dear as `costOf` has it. */
function expectAlike(calls: readonly CallRecord[]): void {
  for (const call of calls.filter(({ finished, aborted }) => finished && !aborted)) {
    expect(call).toMatchObject({ status: 200, inputTokens, outputTokensSent: mostTokens });
  }
}

/** Without doubles, and with those of all answers that another router than the killed one gave. */
function expectWhole(records: readonly RequestRecord[]): void {
  const recorded = new Set(records.map(({ request_id: id }) => id));
  expect(recorded.size).toBe(records.length);
  for (const { router, requestId } of answers) {
    const isTold = requestId === undefined || recorded.has(requestId);
    expect([requestId, isTold || !stage.routers.includes(router)]).toEqual([requestId, true]);
  }
}

function expectSpent(
  { name, microUsd }: (typeof tenants)[number],
  allCalls: readonly CallRecord[],
  allRecords: readonly RequestRecord[],
): number {
  const budget = microUsd * 1_000;
  const calls = allCalls.filter((call) => tenantOfCall(call) === name);
  const records = allRecords.filter(({ tenant }) => tenant === name);
  const billed = costOfCalls(calls);

  // With max_completion_tokens and prose no attempt uses more than it reserved: the bound is the budget, and for
  // who fails open what was served while nobody counted.
  const uncounted = records.filter(
    ({ limits, status }) => limits?.action === "uncounted" && status === 200,
  );
  if (isClosed(name)) expect(uncounted).toEqual([]);
  const bound = budget + uncounted.length * costOf(models.pro);
  expect([name, billed, billed <= bound]).toEqual([name, billed, true]);
  expect([name, billed, billed > budget * 0.8]).toEqual([name, billed, true]);

  // Records tell the same of every call, but of those that the killed router had no time to tell of.
  const recorded = new Set(records.map(({ request_id: id }) => id));
  const untold = calls.filter((call) => !recorded.has(idOfCall(call)));
  const told = records.reduce((sum, { cost_usd: usd }) => sum + picoFromUsd(usd) / 1_000, 0);
  expect([name, told + costOfCalls(untold)]).toEqual([name, billed]);
  expect(untold.map(({ model }) => model)).toContain(models.haiku);
  return billed;
}

test("four routers let no tenant pass its budget, though one of them and Redis are killed", async () => {
  await untilAllCount();
  await load(1_300, crashRouter);

  await load(600, async () => {
    await redis.kill();
    isAway = true;
  });
  await askEverywhere();
  isAway = false;
  expect(awayAnswers.length).toBeGreaterThanOrEqual(4 * tenants.length);
  for (const { tenant, status, errorCode } of awayAnswers) {
    const expected = isClosed(tenant) ? [503, "limits_unavailable"] : [200, undefined];
    expect([tenant, status, errorCode]).toEqual([tenant, ...expected]);
  }
  await load(150, async () => redis.restart());
  await untilAllCount();

  await load(900, async () => undefined);
  await Promise.all(tenants.map(async ({ name }) => spendToTheEnd(name)));

  const records = await stage.end();
  const calls = simulator.calls();
  expectAlike(calls);
  expectWhole(records);
  for (const tenant of tenants) {
    const billed = expectSpent(tenant, calls, records);
    // The store knows all of it, and holds for a while what the killed router had reserved.
    const held = await heldBy(redis, `switchyard:{default/${tenant.name}}`);
    expect([tenant.name, held, held >= billed]).toEqual([tenant.name, held, true]);
  }
});
