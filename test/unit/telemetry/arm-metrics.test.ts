import { beforeEach, describe, expect, it } from "vitest";
import { makeLog, makeTelemetry, type Telemetry } from "../../../src/telemetry/index.ts";
import { makeObservation, makeRecord } from "../../support/observations.ts";

let telemetry: Telemetry;

beforeEach(async () => {
  telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: "0.1.0",
    instance: "router-1",
    namespace: "shop",
    routerClass: "default",
    maxTenants: 1,
    log: makeLog({ output: { write: () => {} } }),
  });
});

/** The samples whose name is this one, each as its labels and its value. */
async function samples(name: string): Promise<Record<string, number>> {
  const lines = (await telemetry.metricsText()).split("\n");
  const found = lines.filter((line) => line.startsWith(`${name}{`));
  return Object.fromEntries(
    found.map((line) => {
      const end = line.lastIndexOf("} ");
      const labels = line.slice(name.length + 1, end).replaceAll("switchyard_", "");
      return [labels, Number(line.slice(end + 2))];
    }),
  );
}

const original = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

describe("what measures costs", () => {
  it("is the route's and no tenant's, is taken off what is saved, and is no request", async () => {
    const request = { cost_usd: 0.01, baseline_cost_usd: 0.05, ledger: [] };
    telemetry.observe(makeObservation({ record: makeRecord(request) }));
    const before = await telemetry.metricsText();
    const [line] = makeRecord().ledger;
    if (line === undefined) throw new Error("The sample has a line");
    for (const arm of ["shadow", "judge"] as const) {
      const ledger = [{ ...line, kind: arm, backend: "opus", cost_usd: 0.004 }];
      const record = makeRecord({ arm, prompt_id: "req-1", cost_usd: 0.004, ledger });
      telemetry.observe(makeObservation({ record, original }));
    }
    const saved = await samples("switchyard_saved_usd");
    expect(saved['route="support-chat",arm="shadow"']).toBeCloseTo(-0.004, 12);
    expect(saved['route="support-chat",arm="judge"']).toBeCloseTo(-0.004, 12);
    expect(saved['route="support-chat",tenant="checkout"']).toBeCloseTo(0.04, 12);
    const cost = await samples("switchyard_cost_usd_total");
    expect(cost['backend="opus",route="support-chat",arm="shadow"']).toBeCloseTo(0.004, 12);
    const others = (text: string) =>
      text.split("\n").filter((each) => !/^(# |switchyard_(cost|saved)_usd)/.test(each));
    expect(others(await telemetry.metricsText())).toEqual(others(before));
  });

  it("leaves the control arm's saving apart from the others'", async () => {
    const record = makeRecord({ arm: "control", cost_usd: 0.05, baseline_cost_usd: 0.05 });
    telemetry.observe(makeObservation({ record }));
    const baseline = await samples("switchyard_baseline_cost_usd_total");
    expect(baseline).toEqual({ 'route="support-chat",tenant="checkout",arm="control"': 0.05 });
  });
});

describe("quality kept", () => {
  it("is the served answers' score over the baseline's, tenants told apart up to a bound", async () => {
    const scored = { route: "chat", score: 1 };
    telemetry.answerScored({ ...scored, tenant: "one", roles: ["served"], score: 0.5 });
    telemetry.answerScored({ ...scored, tenant: "one", roles: ["baseline"] });
    telemetry.answerScored({ ...scored, tenant: "two", roles: ["served", "baseline"] });
    telemetry.answerScored({ ...scored, tenant: "three", roles: ["candidate"], score: 0 });
    expect(await samples("switchyard_quality_score_total")).toEqual({
      'answer_role="served",route="chat",tenant="one"': 0.5,
      'answer_role="baseline",route="chat",tenant="one"': 1,
      'answer_role="served",route="chat",tenant="other"': 1,
      'answer_role="baseline",route="chat",tenant="other"': 1,
      'answer_role="candidate",route="chat",tenant="other"': 0,
    });
  });
});

describe("plans", () => {
  const kept = { estimate: 0.99, lower: 0.97, upper: 1.01 };

  it("say what they keep and save, how long they are certified, and how many follow them", async () => {
    telemetry.watchPlans(() => [
      {
        route: "chat",
        tenant: null,
        kept,
        saved: null,
        rollouts: [
          { rollout: "current", share: 0.9, expiresInSeconds: 3_600 },
          { rollout: "next", share: 0.1, expiresInSeconds: null },
        ],
      },
    ]);
    expect(await samples("switchyard_plan_quality_kept")).toEqual({
      'route="chat",bound="estimate"': 0.99,
      'route="chat",bound="lower"': 0.97,
      'route="chat",bound="upper"': 1.01,
    });
    expect(await samples("switchyard_plan_cost_saved")).toEqual({});
    expect(await samples("switchyard_plan_certificate_expiry")).toEqual({
      'route="chat",plan_rollout="current"': 3_600,
    });
    expect(await samples("switchyard_plan_share")).toEqual({
      'route="chat",plan_rollout="current"': 0.9,
      'route="chat",plan_rollout="next"': 0.1,
    });
  });

  it("are told of the tenants that metrics tell apart, whose number is bounded", async () => {
    const plan = { route: "chat", kept, saved: kept, rollouts: [] };
    telemetry.watchPlans(() => ["one", "two", "three"].map((tenant) => ({ ...plan, tenant })));
    const labels = Object.keys(await samples("switchyard_plan_cost_saved"));
    expect(labels).toHaveLength(3);
    for (const each of labels) expect(each).toContain('tenant="one"');
  });
});
