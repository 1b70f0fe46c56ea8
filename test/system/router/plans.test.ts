import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadClassifier } from "../../../src/cli/model-store.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import type { Explanation } from "../../../src/routing/index.ts";
import { pricesDigest, type Plan, type RoutingTable } from "../../../src/table/index.ts";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { certificate, plan } from "../../support/plan-entry.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const certified = {
  selection: { type: "CheapestWithinEnvelope" },
  baseline: { name: "sonnet" },
  quality: { floorPercent: 95, assurance: "Certified" },
};
const pair = ["micro", "sonnet"];
const acme = "sy_key-of-acme";
const secret = "What is the airspeed of an unladen swallow?";

let local: Local;

/** A ConfigMap of plans, as `switchyard plan` writes it. */
function plansMap(plans: object[]): string {
  const data = { "plans.json": JSON.stringify({ version: 1, class: "default", plans }) };
  const metadata = { name: "plans", labels: { "switchyard.dev/holds": "plans" } };
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
}

/** A plan that always takes the cheaper of the two: no correctness is worth the dearer one's price. */
function thrifty(table: RoutingTable, model: string, expiresAt = Date.now() + 3_600_000): Plan {
  const entries = pair.flatMap((name) => table.backends[name] ?? []);
  return plan({
    lambda: 1e6,
    candidates: pair.map((backend) => ({ backend, handicap: 0 })),
    model,
    certificate: certificate({ baseline: "sonnet", expiresAt, prices: pricesDigest(entries) }),
  });
}

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro"),
      backendOf("sonnet"),
      routeOf("planned", pair, certified),
      routeOf("late", pair, certified),
      routeOf("bare", pair, certified),
      routeOf("watched", pair, { ...certified, arms: { controlPercent: 50 } }),
      routeOf("capped", [], {
        ...certified,
        candidates: [
          { backend: { name: "micro" }, maxSharePercent: 25 },
          { backend: { name: "sonnet" } },
        ],
      }),
      tenantOf("acme", acme, { plan: { enabled: true } }),
    ],
  });
  const { digest } = await loadClassifier();
  const table = local.refreshes[0]?.table;
  if (table === undefined) throw new Error("The router has no table");
  const live = thrifty(table, digest);
  const expiring = thrifty(table, digest, Date.now() + 1);
  const pooled = (route: string, current: Plan) => ({ route, tenant: null, current });
  await local.write(
    plansMap([
      pooled("planned", live),
      { route: "planned", tenant: "acme", current: null },
      pooled("watched", live),
      pooled("capped", live),
      pooled("late", expiring),
    ]),
    "plans.yaml",
  );
  await local.refreshed((each) => each.table.plans["planned"] !== undefined);
});

afterAll(() => local.stop());

async function ask(model: string, changes: object = {}, key?: string) {
  const got = await send(local, {
    body: chatOf(model, secret, changes),
    ...(key === undefined ? {} : { key }),
  });
  expect(got.status).toBe(200);
  const record: RequestRecord = await onlyRecordOf(local, got.requestId);
  return { record, headers: got.headers };
}

const tool = { type: "function", function: { name: "look", parameters: { type: "object" } } };

describe("a route whose floor must be certified", () => {
  it("is served by what its plan chooses, and says so", async () => {
    const { record, headers } = await ask("planned");
    expect(headers["x-switchyard-backend"]).toBe("micro");
    expect(headers["x-switchyard-reason"]).toBe("planned");
    expect(record).toMatchObject({
      choice_reason: "planned",
      confidence_source: "plan",
      plan: { tenant: false, lambda: 1e6, rollout: "current", certified: true, floor_percent: 95 },
      unfamiliar: [],
      arm: null,
    });
    expect(record.plan_digest).toMatch(/^[0-9a-f]{64}$/);
    expect(record.classifier_digest).toMatch(/^[0-9a-f]{64}$/);
    for (const { expected_cost_usd: expected } of record.estimates)
      expect(expected).toBeGreaterThan(0);
  });

  it.each([
    ["without a plan", "bare", {}, "no_plan", []],
    ["once the certificate has expired", "late", {}, "expired", []],
    [
      "where the classifier has never seen its like",
      "planned",
      { tools: [tool] },
      "unfamiliar",
      ["tools"],
    ],
  ])("is served by the baseline %s, and says so", async (_, model, changes, reason, unfamiliar) => {
    const { record, headers } = await ask(model, changes);
    expect(headers["x-switchyard-backend"]).toBe("sonnet");
    expect(headers["x-switchyard-reason"]).toBe(reason);
    expect(record).toMatchObject({
      choice_reason: reason,
      plan: null,
      plan_digest: null,
      unfamiliar,
    });
  });

  it("holds a tenant to a plan of its own, which may be that the baseline serves", async () => {
    const { record } = await ask("planned", {}, acme);
    expect(record).toMatchObject({ tenant: "acme", choice_reason: "no_plan" });
  });

  it("puts a share of its requests in the control arm, which the baseline serves", async () => {
    const arms: (string | null)[] = [];
    for (let index = 0; index < 60; index += 1) {
      const { record } = await ask("watched");
      const backend = record.arm === "control" ? "sonnet" : "micro";
      expect(record.attempts[0]?.backend).toBe(backend);
      arms.push(record.arm);
    }
    const control = arms.filter((arm) => arm === "control").length;
    // Of 60 at a half: beyond seven standard deviations lies nothing.
    expect(control).toBeGreaterThan(3);
    expect(control).toBeLessThan(57);
  });

  it("never gives a candidate more than its share, whatever the plan says", async () => {
    let micro = 0;
    for (let index = 1; index <= 40; index += 1) {
      const { record } = await ask("capped");
      if (record.attempts[0]?.backend === "micro") micro += 1;
      else expect(record.choice_reason).toBe("planned_away");
      expect(micro).toBeLessThanOrEqual(index / 4);
    }
    expect(micro).toBe(10);
  });
});

describe("POST /explain", () => {
  const explain = (body: object, query = "") =>
    send({ url: local.adminUrl }, { path: `/explain${query}`, body });

  it("tells what would be chosen, without calling anything or repeating what is asked", async () => {
    const before = local.records.all.length;
    const { status, text } = await explain(chatOf("planned", secret));
    expect(status).toBe(200);
    const explanation: Explanation = JSON.parse(text);
    expect(explanation).toMatchObject({ chosen: "micro", reason: "planned", planRefusal: null });
    expect(explanation.plan).toMatchObject({ whose: "pooled", certificate: { floorPercent: 95 } });
    expect(explanation.candidates.map(({ value }) => typeof value)).toEqual(["number", "number"]);
    expect(text).not.toContain("swallow");
    expect(local.records.all.length).toBe(before);
  });

  it("tells it for a tenant, and why no plan applies", async () => {
    const { text } = await explain(chatOf("planned", secret), "?tenant=acme");
    expect(JSON.parse(text)).toMatchObject({ tenant: "acme", planRefusal: "no_plan" });
  });

  it.each([
    ["an unknown model", "nobody", "", "No route serves the model nobody"],
    ["an unknown tenant", "planned", "?tenant=nobody", "There is no tenant nobody; there are acme"],
    ["an unknown route", "planned", "?route=nobody", "There is no route nobody"],
  ])("refuses %s by name", async (_, model, query, message) => {
    const { status, text } = await explain(chatOf(model, secret), query);
    expect(status).toBe(400);
    expect(text).toContain(message);
  });

  it("is closed to who comes by another name than loopback's", async () => {
    const headers = { host: "elsewhere.example" };
    const sending = { path: "/explain", body: chatOf("planned", secret), headers };
    expect((await send({ url: local.adminUrl }, sending)).status).toBe(403);
  });
});
