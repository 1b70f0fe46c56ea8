import { beforeEach, describe, expect, test } from "vitest";
import { planDefaults, type PlanOutput } from "../../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
import { codesOf, goldenLabels, planFor } from "../../../support/plan-runs.ts";
import {
  currentOf,
  drawWorld,
  goldenPrompt,
  hour,
  many,
  serve,
  truthOf,
  worldRoute,
} from "../../../support/plan-world.ts";
import { tenantEntry } from "../../routing/sample-entries.ts";

/** The same world in every test, whatever others have asked of it. */
let world = drawWorld(14);
beforeEach(() => {
  world = drawWorld(14);
});
const labels = goldenLabels(world);
const messagesOf = ({ findings }: PlanOutput): string =>
  findings.map(({ message }) => message).join("\n");

describe("a plan rests", () => {
  test("on labels that were taken with the classifier at hand alone", () => {
    const others = labels.map((row) => ({ ...row, classifierDigest: "9".repeat(64) }));
    const output = planFor(others);
    expect(currentOf(output)).toBeUndefined();
    expect(codesOf(output)).toEqual(["NoEvidence"]);
  });

  test("on pairs: what clients say of one answer certifies nothing", () => {
    const feedback = many(400, (id) => serve(world, id, { shadowShare: 0 })).map((row) => ({
      ...row,
      labels: [{ backend: row.chosen ?? "", score: 1, source: "feedback" as const }],
    }));
    expect(codesOf(planFor(feedback))).toEqual(["NoEvidence"]);
  });

  test("on the latest answers to a golden prompt, however often it is replayed", () => {
    const again = many(300, (id) => goldenPrompt(drawWorld(14), id, 9_000)).flat();
    const once = currentOf(planFor(again));
    const twice = currentOf(planFor([...labels, ...again]));
    expect(twice).toEqual(once);
  });

  test("on shadows alone as soon as there are enough, since golden sets are no traffic", () => {
    const shadows = many(450, (id) => serve(world, id));
    const plan = currentOf(planFor([...labels, ...shadows]));
    expect(plan?.certificate?.labels).toMatchObject({ golden: 0 });
    expect(plan?.certificate?.labels.shadow).toBeGreaterThanOrEqual(300);
  });

  test("on nothing that a candidate without labels may have done: it is taken for wrong", () => {
    const blind = labels.filter(({ chosen }) => chosen !== "small");
    const output = planFor(blind);
    const { shares } = truthOf(world, currentOf(output));
    expect(shares[0]).toBeLessThan(0.05);
  });

  test("where labels are too few, tells how many it takes", () => {
    const output = planFor(labels.slice(0, 3 * 55));
    expect(currentOf(output)).toBeUndefined();
    expect(codesOf(output)).toEqual(["TooFewLabels"]);
    expect(messagesOf(output)).toMatch(/of about \d+ labels that it takes there are 55/);
  });

  test("is looked at when labels have grown by half, and not with every one more", () => {
    const shadows = many(700, (id) => serve(world, id));
    const at = (count: number) => currentOf(planFor(shadows.slice(0, count)));
    expect(at(500)).toEqual(at(450));
    expect(at(600)?.certificate?.labels.shadow).not.toBe(at(450)?.certificate?.labels.shadow);
  });
});

describe("what is saved and shared is reckoned", () => {
  test("by the traffic and not by what a golden set asks", () => {
    const unfamiliar = many(50, (id) => ({
      ...serve(world, id, { shadowShare: 0 }),
      isFamiliar: false,
    }));
    const { report } = planFor([...labels, ...unfamiliar]);
    expect(report[0]).toMatchObject({ expectedSaving: 0, shares: { small: 0, large: 1 } });
  });

  test("without candidates that were measured to be slower than the envelope", () => {
    const route = worldRoute({ envelope: { totalP95Ms: 2_000 } });
    const slow = many(200, (id) => ({
      ...serve(world, id, { shadowShare: 0 }),
      chosen: "small",
      latencyMs: id % 5 === 0 ? 3_000 : 900,
    }));
    const output = planFor([...labels, ...slow], { route });
    expect(codesOf(output)).toContain("CandidateTooSlow");
    expect(currentOf(output)?.candidates.map(({ backend }) => backend)).toEqual([
      "medium",
      "large",
    ]);
    const wavering = slow.map((row, id) => ({ ...row, latencyMs: id % 18 === 0 ? 3_000 : 900 }));
    expect(codesOf(planFor([...labels, ...wavering], { route }))).toEqual([]);
  });

  test("against the tenant's budget, and says what is missing", () => {
    const rich = tenantEntry({
      budgets: [{ window: "Day", timeZone: "UTC", microUsd: 1e9, onExceeded: "Reject" }],
    });
    const poor = tenantEntry({
      budgets: [{ window: "Day", timeZone: "UTC", microUsd: 1_000, onExceeded: "Reject" }],
    });
    const traffic = many(200, (id) => serve(world, id, { tenant: "acme", shadowShare: 0 }));
    const of = (tenant: typeof rich) => planFor([...labels, ...traffic], { tenants: [tenant] });
    expect(codesOf(of(rich))).toEqual([]);
    expect(codesOf(of(poor))).toEqual(["BudgetTooSmall"]);
    expect(messagesOf(of(poor))).toMatch(/USD a day, [\d.]+ more than its budget of 0.001/);
  });

  test("against a budget of tokens as well, by a day of 200 requests of 500 tokens", () => {
    const traffic = many(200, (id) => serve(world, id, { tenant: "acme", shadowShare: 0, ts: 0 }));
    const of = (tokens: number) =>
      planFor([...labels, ...traffic], {
        tenants: [
          tenantEntry({
            budgets: [{ window: "Day", timeZone: "UTC", tokens, onExceeded: "Reject" }],
          }),
        ],
      });
    expect(codesOf(of(100_000))).toEqual([]);
    expect(codesOf(of(90_000))).toEqual(["BudgetTooSmall"]);
    expect(messagesOf(of(90_000))).toContain(
      "100000 tokens a day, 10000 more than its budget of 90000",
    );
  });
});

describe("a tenant that wants a plan of its own", () => {
  const acme = { tenants: [tenantEntry({ plan: { enabled: true } })] };

  test("whose mix differs from the others' gets another plan", () => {
    const easier = many(600, (id) => serve(world, id, { tenant: "acme", harder: -2, tag: "a" }));
    const others = many(600, (id) => serve(world, id, { tenant: "other", harder: 0.6 }));
    const output = planFor([...others, ...easier], acme);
    const [own, pooled] = [currentOf(output, "acme"), currentOf(output)];
    expect(own).toBeDefined();
    expect(own?.lambda).not.toBe(pooled?.lambda);
    expect(truthOf(world, own, { harder: -2 }).saved).toBeGreaterThan(
      truthOf(world, pooled, { harder: -2 }).saved,
    );
  });

  test("has none while its labels are few, and the pooled plan is its", () => {
    const few = many(30, (id) => serve(world, id, { tenant: "acme" }));
    const output = planFor([...labels, ...few], acme);
    expect(output.plans.map(({ tenant }) => tenant)).toEqual([null]);
    expect(output.report.find(({ tenant }) => tenant === "acme")).toMatchObject({
      serves: "pooled",
      because: "of the 60 labels that it takes at least there are 30",
    });
  });

  test("is served by the baseline where its own comparisons speak against the pooled plan", () => {
    const first = planFor(labels, acme);
    const pooled = currentOf(first);
    if (pooled === undefined) throw new Error("The labels of this world certify a plan");
    const glad = many(1_500, (id) => serve(world, id, { tenant: "other", plan: pooled }));
    const sad = many(120, (id) =>
      serve(world, id, { tenant: "acme", plan: pooled, drift: 6, harder: -1, tag: "a", ts: 3_000 }),
    );
    const evidence = [...labels, ...glad, ...sad];
    const settings = { ...planDefaults, tenantLabels: 1_000 };
    const changes = { ...acme, settings, previous: first.plans, now: 25 * hour };
    const output = planFor(evidence, changes);
    expect(codesOf(output)).toEqual(["TooFewLabels", "PlanRevoked"]);
    expect(output.plans.find(({ tenant }) => tenant === "acme")).toMatchObject({
      current: null,
      evidence: { because: "Revoked" },
    });
    expect(currentOf(output)).toEqual(pooled);
    const later = planFor(evidence, { ...changes, previous: output.plans });
    expect(later.plans).toEqual(output.plans);
  });
});

test("clients' complaints are told, and revoke nothing", () => {
  const first = planFor(labels);
  const plan = currentOf(first);
  if (plan === undefined) throw new Error("The labels of this world certify a plan");
  const said = (score: (id: number) => number, rows: EvidenceRow[]): EvidenceRow[] =>
    rows.map((row, id) => ({
      ...row,
      labels: [{ backend: row.chosen ?? "", score: score(id), source: "feedback" as const }],
    }));
  const before = said(
    (id) => (id % 10 === 0 ? 0 : 1),
    many(100, (id) => serve(world, id)),
  );
  const after = said(
    (id) => id % 2,
    many(100, (id) => serve(world, id, { plan, tag: "p" })),
  );
  const output = planFor([...labels, ...before, ...after], { previous: first.plans });
  expect(codesOf(output)).toEqual(["FeedbackFell"]);
  expect(currentOf(output)).toEqual(plan);
});
