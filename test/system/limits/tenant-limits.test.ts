import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backendOf, routeOf, tenantOf, type LocalResource } from "../../support/local-resources.ts";
import { redisSettings } from "../../support/limits/redis-stores.ts";
import { apiErrorOf, openAiClient } from "../../support/openai-client.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";
import { errorIn, onlyRecordOf, send, type Got } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const keyOf = (tenant: string) => `sy_key-of-the-tenant-${tenant}`;

const tenant = (name: string, spec: Record<string, unknown>): LocalResource =>
  tenantOf(name, keyOf(name), spec);

const chat = (model: string) => ({
  model,
  messages: [{ role: "user" as const, content: "Hi there" }],
  max_tokens: 20,
});

const resources = (): LocalResource[] => [
  backendOf("micro"),
  backendOf("pro"),
  backendOf("titan"),
  routeOf("plain", ["micro"], { access: "Tenants" }),
  routeOf("dear-first", ["pro", "micro"], { access: "Tenants" }),
  routeOf("vectors", ["titan"], { type: "Embeddings", access: "Tenants" }),
  tenant("free", {}),
  tenant("paced", { rateLimits: { requestsPerMinute: 2, tokensPerMinute: 1_000_000 } }),
  tenant("terse", { rateLimits: { tokensPerMinute: 50 } }),
  tenant("single", { rateLimits: { concurrent: 1 } }),
  tenant("thrifty", { budgets: [{ window: "Day", tokens: 60, timeZone: "Europe/Zurich" }] }),
  tenant("spent", { budgets: [{ window: "Month", usd: "0.000001" }] }),
  tenant("downgraded", { budgets: [{ window: "Day", usd: "0", onExceeded: "Downgrade" }] }),
  tenant("watched", { budgets: [{ window: "Day", usd: "0", onExceeded: "Observe" }] }),
  tenant("trial", {
    enforcement: "Observe",
    rateLimits: { requestsPerMinute: 1, concurrent: 1 },
    budgets: [{ window: "Hour", tokens: 1 }],
  }),
  tenant("embedder", { budgets: [{ window: "Day", tokens: 40 }] }),
];

describe.each(["memory", "Redis"])("a tenant's limits, counted in %s", (kind) => {
  let local: Local;
  let server: RedisServer | undefined;

  beforeAll(async () => {
    if (kind === "Redis") server = await startRedis();
    const redis = server === undefined ? {} : { redis: redisSettings(server) };
    local = await startLocal({ resources: resources(), ...redis });
    await untilCounted(local);
  });

  afterAll(async () => {
    await local.stop();
    await server?.stop();
  });

  const ask = (name: string, model = "plain", body: object = {}): Promise<Got> =>
    send(local, { key: keyOf(name), body: { ...chat(model), ...body } });

  const limitsOf = async (got: Got) => (await onlyRecordOf(local, got.requestId)).limits;

  test("are nothing to a tenant that has none", async () => {
    const got = await ask("free");
    expect(got.status).toBe(200);
    expect(Object.keys(got.headers).filter((name) => name.includes("ratelimit"))).toEqual([]);
    expect(await limitsOf(got)).toBeNull();
  });

  test("are told with every answer as OpenAI tells them", async () => {
    const first = await ask("paced");
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-limit-tokens": "1000000",
    });
    expect(first.headers["x-ratelimit-reset-requests"]).toMatch(/^(30|29\.\d+)s$/);
    expect(Number(first.headers["x-ratelimit-remaining-tokens"])).toBeLessThan(1_000_000);
    await ask("paced");
    const refused = await ask("paced");
    expect(refused.status).toBe(429);
    expect(errorIn(refused)).toMatchObject({
      code: "rate_limit_exceeded",
      message: expect.stringMatching(/may make 2 requests a minute.*try again in \d+ s/),
    });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(20);
    expect(refused.headers["x-ratelimit-remaining-requests"]).toBe("0");
    expect(await limitsOf(refused)).toMatchObject({
      action: "refuse",
      exceeded: ["requests_per_minute"],
      refused_by: "requests_per_minute",
      reserved_usd: 0,
    });
  });

  test("by tokens refuse for good what is larger than a minute's worth", async () => {
    const refused = await ask("terse", "plain", { max_tokens: 5_000 });
    expect(errorIn(refused).message).toMatch(/50 tokens a minute.*lower max_completion_tokens/);
    expect(refused.headers["x-should-retry"]).toBe("false");
    expect((await ask("terse")).status).toBe(200);
  });

  test("by concurrency free a place with the end of an answer", async () => {
    local.simulator.faults.set({ model: "*", kind: "slow-first-token", delayMs: 600 });
    const [first, second] = await Promise.all([ask("single"), ask("single")]);
    local.heal();
    expect(new Set([first.status, second.status])).toEqual(new Set([200, 429]));
    const refused = first.status === 429 ? first : second;
    expect(refused.headers["retry-after"]).toBe("1");
    await onlyRecordOf(local, first.requestId);
    await onlyRecordOf(local, second.requestId);
    expect((await ask("single")).status).toBe(200);
  });

  test("refuse once a budget is used up, and settle by what was used", async () => {
    // Each may use up to some 30 tokens and uses fewer: reservations alone would fill it at once.
    const statuses: number[] = [];
    let last: Got | undefined;
    for (let index = 0; index < 12 && last?.status !== 429; index += 1) {
      last = await ask("thrifty");
      statuses.push(last.status);
      await onlyRecordOf(local, last.requestId);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.length).toBeGreaterThan(2);
    if (last === undefined) throw new Error("Nothing was asked");
    expect(errorIn(last)).toMatchObject({
      code: "insufficient_quota",
      type: "insufficient_quota",
      message: expect.stringMatching(
        /^Your tenant's budget of 60 tokens a day .*T00:00:00\+0[12]:00$/,
      ),
    });
    expect(last.headers["x-should-retry"]).toBe("false");
    const used = local.records.all
      .filter(({ tenant: name }) => name === "thrifty")
      .reduce((sum, { tokens }) => sum + (tokens?.in ?? 0) + (tokens?.out ?? 0), 0);
    expect(used).toBeLessThanOrEqual(60);
  });

  test("of a spent budget are no reason for OpenAI's client to try again", async () => {
    const client = openAiClient(local, keyOf("spent")).withOptions({ maxRetries: 3 });
    const before = local.records.all.length;
    const error = await apiErrorOf(client.chat.completions.create(chat("plain")));
    expect(error).toMatchObject({ status: 429, code: "insufficient_quota" });
    expect(error.message).toMatch(/0\.000001 USD a month/);
    expect(local.records.all.length - before).toBe(1);
  });

  test("downgrade to the cheapest candidate, and say why", async () => {
    const got = await ask("downgraded", "dear-first");
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({
      "x-switchyard-backend": "micro",
      "x-switchyard-reason": "downgraded",
      "x-switchyard-exceeded": "budget_day_usd",
    });
    expect(await limitsOf(got)).toMatchObject({
      action: "downgrade",
      exceeded: ["budget_day_usd"],
    });
    expect((await ask("free", "dear-first")).headers["x-switchyard-backend"]).toBe("pro");
  });

  test("that observe let pass, and say so", async () => {
    const got = await ask("watched", "dear-first");
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({
      "x-switchyard-backend": "pro",
      "x-switchyard-exceeded": "budget_day_usd",
    });
    expect(await limitsOf(got)).toMatchObject({ action: "observe", refused_by: null });
  });

  test("of a policy that observes refuse nothing, and say what they would have", async () => {
    await ask("trial");
    const got = await ask("trial");
    expect(got.status).toBe(200);
    const record = await onlyRecordOf(local, got.requestId);
    expect(record.limits).toMatchObject({ action: "observe" });
    expect(record.would_refuse).toEqual(["requests_per_minute", "budget_hour_tokens"]);
  });

  test("count embeddings", async () => {
    const embed = () =>
      send(local, {
        path: "/v1/embeddings",
        key: keyOf("embedder"),
        body: { model: "vectors", input: "a text of some words that is to be embedded" },
      });
    const statuses: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      const got = await embed();
      statuses.push(got.status);
      await onlyRecordOf(local, got.requestId);
    }
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(429);
  });

  test("show in metrics", async () => {
    const metrics = await send({ url: local.adminUrl }, { method: "GET", path: "/metrics" });
    expect(metrics.text).toMatch(/switchyard_limits_used\{.*switchyard_tenant="thrifty".*\} [1-9]/);
    expect(metrics.text).toMatch(/switchyard_limits_budget\{.*switchyard_tenant="thrifty".*\} 60/);
    expect(metrics.text).toMatch(
      /switchyard_limits_exceeded.*\{.*switchyard_limit="requests_per_minute".*\} [1-9]/,
    );
    expect(metrics.text).toMatch(/switchyard_limits_reservations\{?.*\}? 0/);
  });
});

/** The connection to a store comes about in the background. */
async function untilCounted(local: Local): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const got = await send(local, {
      key: keyOf("watched"),
      body: { ...chat("plain"), max_tokens: 1 },
    });
    if ((await onlyRecordOf(local, got.requestId)).limits?.action !== "uncounted") return;
  }
  throw new Error("Limits are not counted");
}
