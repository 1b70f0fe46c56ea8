// Shadows of a whole router, in front of simulated models, as its clients and its records see them.
import { afterEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { openAiClient } from "../../support/openai-client.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local, type LocalOptions } from "../../support/start-local.ts";

const key = "sy_key-of-acme-for-shadows";
const expectations = { firstTokenP95: "150ms", tokensPerSecond: 100_000 };
const baseline = { name: "pro" };

let local: Local;

afterEach(async () => local.stop());

/**
 * A route `shop` that micro serves, and whose baseline is pro; `grader` judges. Every request is drawn for
 * whatever share there is, unless the options hold a source of chance.
 */
async function start(
  arms: object,
  {
    pro = {},
    acme = {},
    ...options
  }: { pro?: object; acme?: Record<string, unknown> } & LocalOptions = {},
): Promise<void> {
  local = await startLocal({
    resources: [
      backendOf("micro", { expectations }),
      backendOf("pro", { expectations, ...pro }),
      backendOf("sonnet", { expectations }),
      routeOf("shop", ["micro", "pro"], { access: "Tenants", baseline, arms }),
      routeOf("base", ["pro", "micro"], { access: "Tenants" }),
      routeOf("grader", ["sonnet"], { access: "Tenants" }),
      tenantOf("acme", key, acme),
    ],
    ...options,
    parts: { random: () => 0, ...options.parts },
  });
  expect(local.refreshes[0]?.problems).toEqual([]);
}

const ask = (content: string, more: object = {}, model = "shop") =>
  send(local, { body: chatOf(model, content, more), key });

const inArm = (arm: RequestRecord["arm"]) => local.records.all.filter((each) => each.arm === arm);

function onlyOf([record, ...others]: RequestRecord[]): RequestRecord {
  if (record === undefined || others.length > 0) throw new Error("There is not one record alone");
  return record;
}

const costOf = (records: readonly RequestRecord[]): number =>
  records.reduce((sum, { cost_usd: cost }) => sum + cost, 0);

const metrics = async (): Promise<string> => (await fetch(`${local.adminUrl}/metrics`)).text();

/** A counter's series added up, of those whose labels hold the text. */
async function sumOf(name: string, label = ""): Promise<number> {
  let sum = 0;
  for (const line of (await metrics()).split("\n")) {
    if (line.startsWith(`${name}{`) && line.includes(label)) sum += Number(line.split(" ").at(-1));
  }
  return sum;
}

const slowPro = (delayMs: number) =>
  local.simulator.faults.set({ model: models.pro, kind: "slow-first-token", delayMs });

describe("shadows of a route", () => {
  it("are as many as chance allows, whatever is asked, and none keeps a client waiting", async () => {
    await start(
      { shadowPercent: 10, comparison: { type: "Agreement" } },
      { parts: { random: seededRandom(11) } },
    );
    const requests = 2_000;
    const contents = ["repeat: 42", `repeat: 42 ${"and a long tail of words ".repeat(40)}`];
    const byContent = new Map<string, string>();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requests) {
        const content = contents[next++ % 2] ?? "";
        const got = await ask(content, { max_tokens: 4 });
        expect(got.status).toBe(200);
        byContent.set(got.requestId, content);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await local.records.where(({ arm }) => arm === null, "the requests", requests);
    const drawn = await sumOf("switchyard_shadows_total");
    const withinChance = (count: number, of: number) =>
      expect(Math.abs(count - of / 10)).toBeLessThan(4 * Math.sqrt(of * 0.1 * 0.9));
    withinChance(drawn, requests);
    await expect.poll(() => inArm("shadow").length).toBe(drawn);
    const shadowed = inArm("shadow").map(({ prompt_id: id }) => byContent.get(id ?? ""));
    for (const content of contents) {
      withinChance(shadowed.filter((each) => each === content).length, requests / 2);
    }
    expect(await sumOf("switchyard_requests_total")).toBe(requests);
    expect(new Set(inArm("shadow").map(({ attempts }) => attempts[0]?.backend))).toEqual(
      new Set(["pro"]),
    );
  });

  it.each([true, false])(
    "begin when the client has all of its answer (stream: %s)",
    async (stream) => {
      await start({ shadowPercent: 50, comparison: { type: "Agreement" } });
      slowPro(1_500);
      const client = openAiClient(local, key);
      const asked = { model: "shop", messages: [{ role: "user" as const, content: "repeat: 42" }] };
      const completion = stream
        ? await client.chat.completions.stream(asked).finalChatCompletion()
        : await client.chat.completions.create(asked);
      expect(completion.choices[0]?.message.content).toContain("42");
      expect(inArm("shadow")).toEqual([]);
      await expect.poll(() => local.records.labels.length, { timeout: 10_000 }).toBe(2);
      expect(inArm(null)).toHaveLength(1);
      const [shadow] = inArm("shadow");
      expect(shadow?.attempts[0]).toMatchObject({ backend: "pro", kind: "shadow", frames: 0 });
      expect(shadow?.attempts[0]?.ms).toBeGreaterThan(1_400);
      expect(inArm(null)[0]?.attempts).toHaveLength(1);
    },
  );

  it("are judged by the models of a route, and all that measures is on the route's bill", async () => {
    await start({
      shadowPercent: 50,
      comparison: { type: "Judge", judge: { route: { name: "grader" } } },
    });
    await ask("What is 12 + 30?");
    await expect.poll(() => local.records.labels.length, { timeout: 10_000 }).toBe(2);
    const judged = inArm("judge");
    expect(judged.map(({ route, status }) => [route, status])).toEqual([
      ["shop", 200],
      ["shop", 200],
    ]);
    const served = onlyOf(inArm(null));
    const cost = costOf([onlyOf(inArm("shadow")), ...judged]);
    expect(cost).toBeGreaterThan(0);
    const ofTenant = await sumOf("switchyard_cost_usd_total", 'switchyard_tenant="acme"');
    expect(ofTenant).toBeCloseTo(served.cost_usd, 9);
    const saved = (served.baseline_cost_usd ?? Number.NaN) - served.cost_usd;
    expect(await sumOf("switchyard_saved_usd")).toBeCloseTo(saved - cost, 9);
    expect(await sumOf("switchyard_quality_answers_total")).toBe(2);
    for (const label of local.records.labels) {
      expect(label).toMatchObject({
        request_id: served.request_id,
        judge: "grader",
        tenant: "acme",
        // What a new model's ability can be fitted to.
        classifier_digest: expect.any(String),
        heads: expect.arrayContaining([expect.any(Number)]),
      });
    }
  });

  it("fail unseen: no client, no breaker and no chain hears of it", async () => {
    await start({ shadowPercent: 50 }, { pro: { outlier: { consecutiveFailures: 3 } } });
    local.simulator.faults.set({ model: models.pro, kind: "internal-error" });
    for (let index = 0; index < 8; index += 1) expect((await ask("repeat: 42")).status).toBe(200);
    await expect.poll(() => inArm("shadow").length).toBe(8);
    expect(inArm("shadow").map(({ error_type: error }) => error === null)).not.toContain(true);
    expect(await sumOf("switchyard_backend_ejections_total")).toBe(0);
    local.simulator.faults.clear();
    const got = await ask("repeat: 42", {}, "base");
    expect(got.headers["x-switchyard-backend"]).toBe("pro");
  });

  it("go nowhere where the tenant's data may not go", async () => {
    await start(
      { shadowPercent: 50 },
      {
        pro: { target: { region: "eu-west-1" } },
        acme: { residency: { regions: ["us-east-1"] } },
      },
    );
    for (let index = 0; index < 5; index += 1) expect((await ask("repeat: 42")).status).toBe(200);
    await expect
      .poll(() => sumOf("switchyard_shadows_total", 'switchyard_shadow_outcome="no_candidate"'))
      .toBe(5);
    expect(local.simulator.calls().some(({ model }) => model === models.pro)).toBe(false);
  });

  it("give way to a request that needs their place", async () => {
    await start({ shadowPercent: 50 }, { pro: { concurrency: { max: 1, maxQueued: 0 } } });
    slowPro(20_000);
    await ask("repeat: 42");
    await expect
      .poll(() => local.simulator.calls().some(({ model }) => model === models.pro))
      .toBe(true);
    local.simulator.faults.clear();
    const got = await ask("repeat: 42", {}, "base");
    expect(got.status).toBe(200);
    expect(got.headers["x-switchyard-backend"]).toBe("pro");
    await expect.poll(() => inArm("shadow").length).toBe(1);
    expect(inArm("shadow")[0]).toMatchObject({ error_type: "superseded" });
    await expect
      .poll(() => local.simulator.calls().find(({ model }) => model === models.pro)?.aborted)
      .toBe(true);
  });

  it("are cut off when the router stops, with a record of what they cost", async () => {
    await start({ shadowPercent: 50 }, { settings: { drainMs: 20_000 } });
    slowPro(60_000);
    await ask("repeat: 42");
    await expect
      .poll(() => local.simulator.calls().some(({ model }) => model === models.pro))
      .toBe(true);
    await local.stop();
    expect(inArm("shadow")).toMatchObject([
      { error_type: "shutting_down", token_source: "estimated", status: 499 },
    ]);
    await start({ shadowPercent: 0 });
  });

  it("follow no request that its client has left", async () => {
    await start({ shadowPercent: 50 });
    local.simulator.faults.set({ model: models.micro, kind: "stall", afterFrames: 4 });
    const leaving = new AbortController();
    const stream = await openAiClient(local, key).chat.completions.create(
      {
        model: "shop",
        messages: [
          { role: "user", content: "repeat: one two three four five six seven eight nine ten" },
        ],
        stream: true,
      },
      { signal: leaving.signal },
    );
    for await (const _chunk of stream) {
      leaving.abort();
      break;
    }
    await expect
      .poll(() => sumOf("switchyard_shadows_total", 'switchyard_shadow_outcome="unanswered"'))
      .toBe(1);
    expect(local.simulator.calls().some(({ model }) => model === models.pro)).toBe(false);
  });
});
