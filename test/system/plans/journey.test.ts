// From labelled prompts to certified plans, to live traffic, and to a certificate's end: each step by the command
// that people use, each checked from outside, in a world whose truth is known. Days pass by `--now`.
import { copyFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReplayReport } from "../../../src/policy/index.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import type { Explanation } from "../../../src/routing/index.ts";
import type { Interval, Plan, PlanEntry } from "../../../src/table/index.ts";
import { baseline, candidates, knows, questionsFor, type Mix } from "../../support/journey/exam.ts";
import { floorPercent } from "../../support/journey/exam-manifests.ts";
import type { Answered } from "../../support/journey/exam-traffic.ts";
import { writeTrainingData } from "../../support/journey/training-data.ts";
import { models } from "../../support/local-resources.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
/** Digest of the classifier that was trained. */
let model: string;
/** Each tenant's own, once there is one. */
let plans: Record<Mix, Plan>;
/** Of the baseline's, by its own plan. */
let costShare: Record<Mix, number>;
let served: Record<Mix, RequestRecord[]>;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const noInterval = null as Interval | null;

function entryOf(entries: readonly PlanEntry[], tenant: Mix | null): PlanEntry {
  const found = entries.find((each) => each.tenant === tenant);
  if (found === undefined) throw new Error(`${tenant ?? "The route"} has no plan`);
  return found;
}

function certified(plan: Plan | null | undefined) {
  const certificate = plan?.certificate ?? null;
  if (!plan || certificate === null) throw new Error("There is no certificate");
  return { ...plan, certificate };
}

const total = (records: readonly RequestRecord[], of: "cost_usd" | "baseline_cost_usd"): number =>
  records.reduce((sum, record) => sum + (record[of] ?? 0), 0);

/** Fewer are right than the floor wants by more than three standard deviations of chance. */
function expectFloorKept(answered: readonly Answered[]): void {
  const right = answered.filter((each) => each.isRight).length;
  const best = answered.filter(({ question }) => knows(baseline, question)).length;
  const wanted = (floorPercent / 100) * best;
  expect(right).toBeGreaterThan(wanted - 3 * Math.sqrt(wanted * (1 - wanted / answered.length)));
}

describe("the way of a plan", () => {
  it("begins with a classifier that is trained on labelled prompts, and served from a ConfigMap", async () => {
    await writeTrainingData(stage.at("data"));
    const words = ["--data", stage.at("data"), "--out", stage.at("model.gz"), "--name", "exam"];
    const said = await stage.command("train", ...words);
    model = /digest ([0-9a-f]{64})/.exec(said)?.[1] ?? "";
    await stage.serve();
    const explained = await stage.explain("easy");
    expect(explained).toMatchObject({ classifier: model, chosen: baseline, reason: "no_plan" });
  });

  it("goes on with a golden set, which certifies the route's pooled plan for a share at first", async () => {
    const set = ["--set", stage.at("config/golden-set.yaml"), "--model", stage.at("model.gz")];
    const where = ["--route", "exam", "--url", stage.adminUrl, "--records", stage.records];
    await stage.command("golden", ...set, ...where);
    const count = questionsFor("golden").length;
    await stage.replaysKept(count * candidates.length);
    const { entries, lines } = await stage.plan(0);
    const { current, next } = entryOf(entries, null);
    expect([current, next?.sharePercent]).toEqual([null, 10]);
    const labels = { golden: count, shadow: 0, feedback: 0 };
    expect(certified(next?.plan)).toMatchObject({ model, certificate: { floorPercent, labels } });
    expect(lines.find(({ tenant }) => tenant === null)).toMatchObject({ rollout_percent: 10 });
    await expect
      .poll(stage.metrics, { timeout: 20_000 })
      .toMatch(/switchyard_plan_share\{[^}]*"next"[^}]*\} 0\.1\n/);
  });

  it("gives tenants of different questions different plans, from comparisons of their live answers", async () => {
    const asked = [await stage.ask("easy", 300), await stage.ask("hard", 300)];
    for (const some of asked) await stage.recordsOf(some, 120);
    const first = await stage.plan(0);
    for (const mix of ["easy", "hard"] as const)
      expect(entryOf(first.entries, mix).next?.sharePercent).toBe(10);
    const { entries } = await stage.plan(100);
    const [easy, hard] = [entryOf(entries, "easy"), entryOf(entries, "hard")].map((each) =>
      certified(each.current),
    );
    if (easy === undefined || hard === undefined) throw new Error("A tenant has no plan");
    plans = { easy, hard };
    for (const { certificate } of [easy, hard]) {
      expect(certificate).toMatchObject({ floorPercent, baseline, labels: { golden: 0 } });
      expect(certificate.labels.shadow).toBeGreaterThan(100);
    }
    // Whoever asks what everybody knows may save more.
    expect(easy.lambda).toBeGreaterThan(2 * hard.lambda);
    expect(certified(entryOf(entries, null).current).digest).not.toBe(easy.digest);
  });

  it("serves each tenant by its own plan, for less than the baseline costs and at the floor", async () => {
    costShare = { easy: 0, hard: 0 };
    served = { easy: [], hard: [] };
    for (const mix of ["easy", "hard"] as const) {
      await expect
        .poll(async () => (await stage.explain(mix)).plan?.digest, { timeout: 20_000 })
        .toBe(plans[mix].digest);
      const answered = await stage.ask(mix, 200);
      const records = await stage.recordsOf(answered, 80);
      for (const record of records)
        expect(record).toMatchObject({
          tenant: mix,
          choice_reason: "planned",
          plan_digest: plans[mix].digest,
          classifier_digest: model,
          plan: { tenant: true, certified: true, lambda: plans[mix].lambda, rollout: "current" },
        });
      costShare[mix] = total(records, "cost_usd") / total(records, "baseline_cost_usd");
      expectFloorKept(answered);
      served[mix] = records;
    }
    expect(costShare.hard).toBeLessThan(0.95);
    expect(costShare.easy).toBeLessThan(costShare.hard / 2);
  });

  it("measures what live traffic kept and saved", async () => {
    const { entries } = await stage.plan(101);
    for (const mix of ["easy", "hard"] as const) {
      const { current, measured } = entryOf(entries, mix);
      expect(current?.digest).toBe(plans[mix].digest);
      expect(measured).toMatchObject({ requests: 200, kept: {}, saved: {} });
      const { kept, saved } = { kept: noInterval, saved: noInterval, ...measured };
      expect(kept?.upper).toBeGreaterThan(floorPercent / 100);
      // Less than without what comparing costs: every second answer is compared, mostly with the baseline's.
      expect(saved?.estimate).toBeLessThan(1 - costShare[mix] - 0.1);
      expect(saved?.estimate).toBeGreaterThan(1 - costShare[mix] - 0.9);
    }
    await copyFile(stage.plans, stage.at("plans-before.yaml"));
  });

  it("ends for a tenant whose cheap model has lost its skill, and for no other", async () => {
    await stage.dropSkill(models.micro, 60);
    const fallen = await stage.ask("easy", 250);
    await stage.recordsOf(fallen, 100);
    const { entries, lines } = await stage.plan(102);
    expect(lines.filter(({ code }) => code === "PlanRevoked").map(({ tenant }) => tenant)).toEqual([
      "easy",
    ]);
    expect(entryOf(entries, "easy").current).toBeNull();
    expect(entryOf(entries, "hard").current?.digest).toBe(plans.hard.digest);
    await expect
      .poll(async () => (await stage.explain("easy")).planRefusal, { timeout: 20_000 })
      .toBe("no_plan");
    const after = { easy: await stage.ask("easy", 40), hard: await stage.ask("hard", 20) };
    for (const { backend, reason } of after.easy)
      expect([backend, reason]).toEqual([baseline, "no_plan"]);
    for (const { reason } of after.hard) expect(reason).toBe("planned");
    await stage.recordsOf([...after.easy, ...after.hard], 0);
  });

  it("can be replayed: what was recorded, under the plans before and those after", async () => {
    const replay = async (file: string): Promise<ReplayReport> => {
      const words = ["--config", stage.at("config"), "--records", stage.records, "--json"];
      return JSON.parse(await stage.command("replay", ...words, "--plans", file)) as ReplayReport;
    };
    const before = await replay(stage.at("plans-before.yaml"));
    const after = await replay(stage.plans);
    expect(before.total.requests).toBeGreaterThan(1_100);
    expect(after.total.recorded.costUsd).toBe(before.total.recorded.costUsd);
    expect(before.total.replayed.costUsd).toBeLessThan(after.total.replayed.costUsd / 2);
    expect(
      await stage.command("replay", "--config", stage.at("config"), "--records", stage.records),
    ).toMatch(/\| exam +\| then +\| 1\d\d\d +\|/);
  });

  it("is told of each request by itself", async () => {
    const [record] = served.easy;
    const words = ["--records", stage.records, "--request", record?.request_id ?? ""];
    const explained = JSON.parse(await stage.command("explain", ...words, "--json")) as Explanation;
    expect(explained).toMatchObject({
      tenant: "easy",
      reason: "planned",
      chosen: record?.attempts[0]?.backend,
      plan: { whose: "tenant", digest: plans.easy.digest },
    });
    expect(await stage.command("explain", ...words)).toContain("the tenant's own");
  });
});
