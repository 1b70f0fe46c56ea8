import { beforeEach, describe, expect, test } from "vitest";
import { planDefaults, type PlanInput, type PlanOutput } from "../../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
import { planDigest, type Plan, type PlanEntry } from "../../../../src/table/index.ts";
import { again, certifiedBy, codesOf, goldenLabels, planFor } from "../../../support/plan-runs.ts";
import {
  currentOf,
  drawWorld,
  hour,
  many,
  serve,
  worldBackends,
  worldRoute,
} from "../../../support/plan-world.ts";
import { byName, pricedAt, tenantEntry } from "../../routing/sample-entries.ts";

let world = drawWorld(14);
beforeEach(() => {
  world = drawWorld(14);
});
const start = 24 * hour;
const labels = goldenLabels(world);
const first = planFor(labels);
const plan = certifiedBy(first);

const following = (count: number, drift: number): EvidenceRow[] =>
  many(count, (id) => serve(world, id, { plan, ts: start, tag: "p", drift }));

const tableOf = (
  backends: typeof worldBackends,
  route: Parameters<typeof worldRoute>[0] | null = {},
): Pick<PlanInput, "table"> => ({
  table: {
    routes: route === null ? {} : { chat: worldRoute(route) },
    backends: byName(backends),
    tenants: {},
  },
});

const otherSmall = worldBackends.map((backend) =>
  backend.name === "small" ? { ...backend, prices: pricedAt(0.2, 0.5) } : backend,
);

describe("labels from before do not certify", () => {
  const evidence = [...labels, ...following(400, 3)];
  const revoked = again(first, evidence, { now: start + hour });

  test.each([
    { what: "its route", table: tableOf(worldBackends, null) },
    { what: "its way of choosing", table: tableOf(worldBackends, { selection: "Ordered" }) },
  ])("a plan that was revoked, after $what was away for a run", ({ table }) => {
    expect(codesOf(revoked)).toContain("PlanRevoked");
    const away = again(revoked, evidence, { now: start + 2 * hour, ...table });
    expect(away.plans.map(({ current }) => current)).toEqual([null]);
    const back = again(away, evidence, { now: start + 3 * hour });
    expect(currentOf(back)).toBeUndefined();
    expect(back.plans[0]?.evidence).toMatchObject({ because: "Revoked", since: start + hour });
  });

  test("a tenant's plan that was revoked, after its policy wanted none for a run", () => {
    const tenants = [tenantEntry({ plan: { enabled: true } })];
    const before = revoked.plans.map((entry) => ({ ...entry, tenant: "acme" }));
    const rows = evidence.map((row) => ({ ...row, tenant: "acme" }));
    const away = again({ plans: before }, rows, {
      now: start + 2 * hour,
      tenants: [tenantEntry()],
    });
    const back = again(away, rows, { now: start + 3 * hour, tenants });
    expect(back.plans.find(({ tenant }) => tenant === "acme")).toMatchObject({
      current: null,
      evidence: { because: "Revoked", since: start + hour },
    });
  });

  test("a backend that was no candidate for a run, and comes back as another", () => {
    const candidates = worldRoute().candidates.filter(({ backend }) => backend !== "small");
    const without = again(first, labels, {
      now: start + hour,
      ...tableOf(worldBackends, { candidates }),
    });
    const back = again(without, labels, { now: start + 2 * hour, ...tableOf(otherSmall) });
    expect(codesOf(back)).toContain("BasisChanged");
    expect(currentOf(back)).toBeUndefined();
  });

  test("a tenant's plan, where a change came before the pooled plan was revoked", () => {
    const tenants = [tenantEntry({ plan: { enabled: true } })];
    const own = many(600, (id) => serve(world, id, { tenant: "acme", harder: -2, tag: "a" }));
    expect(currentOf(again({ plans: [] }, own, { tenants }), "acme")).toBeDefined();
    const pooled: PlanEntry = {
      ...revoked.plans[0]!,
      evidence: { ...revoked.plans[0]!.evidence!, because: "Revoked" },
    };
    const later = again({ plans: [pooled] }, own, { tenants, now: start + 3 * hour });
    expect(currentOf(later, "acme")).toBeUndefined();
  });

  test("and are forgotten with the last request of what is away", () => {
    const away = again(revoked, [], { now: start + 2 * hour, ...tableOf(worldBackends, null) });
    expect(away.plans).toEqual([]);
  });
});

describe("a plan is made anew", () => {
  const holding = (changed: Plan): Pick<PlanOutput, "plans"> => ({
    plans: [{ ...first.plans[0]!, current: changed }],
  });

  test("where somebody edited it, so that no router follows it", () => {
    const edited = again(holding({ ...plan, lambda: plan.lambda * 100 }), labels);
    expect(currentOf(edited)).toEqual(plan);
  });

  test("where its certificate is of other prices, and no memory tells", () => {
    const content = { ...plan, certificate: { ...plan.certificate!, prices: "0".repeat(64) } };
    const { evidence: _none, ...entry } = first.plans[0]!;
    const stale = { ...content, digest: planDigest(content) };
    expect(currentOf(again({ plans: [{ ...entry, current: stale }] }, labels))).toEqual(plan);
  });

  test("where it was issued by a clock that was years ahead", () => {
    const years = 10 * 365 * 24 * hour;
    const ahead = planFor(labels, { now: start + years });
    const output = again(ahead, labels, { now: start });
    expect(codesOf(output)).toContain("CertificateExpired");
    expect(currentOf(output)?.certificate?.issuedAt).toBe(start);
  });

  test("and labels that such a clock held off count again from now on", () => {
    const evidence = { ...first.plans[0]!.evidence!, since: start * 1_000 };
    const output = again({ plans: [{ ...first.plans[0]!, current: null, evidence }] }, labels);
    expect(output.plans[0]?.evidence?.since).toBe(start);
  });
});

test("what judges cost is charged to the plan, whether or not they said anything", () => {
  const rows = following(200, 0);
  const judge: EvidenceRow = {
    ...rows[0]!,
    requestId: "j",
    arm: "judge",
    labels: [],
    costUsd: 0.5,
  };
  const savedBy = (evidence: EvidenceRow[]): number | undefined =>
    again(first, [...labels, ...evidence], { settings: { ...planDefaults, rollout: [] } }).plans[0]
      ?.measured?.saved?.estimate;
  expect(savedBy([...rows, judge])).toBeLessThan((savedBy(rows) ?? 0) - 0.05);
});
