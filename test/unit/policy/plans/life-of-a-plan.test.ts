import { beforeEach, describe, expect, test } from "vitest";
import { planDefaults, type PlanInput, type PlanOutput } from "../../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
import { planDigest, type MeasuredQuality, type Plan } from "../../../../src/table/index.ts";
import { again, certifiedBy, codesOf, goldenLabels, planFor } from "../../../support/plan-runs.ts";
import {
  currentOf,
  drawWorld,
  goldenPrompt,
  hour,
  many,
  serve,
  worldBackends,
  worldRoute,
} from "../../../support/plan-world.ts";
import { byName, pricedAt } from "../../routing/sample-entries.ts";

/** The same world in every test, whatever others have asked of it. */
let world = drawWorld(14);
beforeEach(() => {
  world = drawWorld(14);
});
const start = 24 * hour;
const labels = goldenLabels(world);
const inSteps = { settings: planDefaults };

const entryOf = ({ plans }: PlanOutput) => plans.find(({ tenant }) => tenant === null);
const nextOf = (output: PlanOutput): Plan | undefined => entryOf(output)?.next?.plan;

/** Requests that followed a plan since it was issued. */
const following = (
  plan: Plan,
  count: number,
  more: Parameters<typeof serve>[2] = {},
): EvidenceRow[] => many(count, (id) => serve(world, id, { plan, ts: start, tag: "p", ...more }));

const first = planFor(labels);
const plan = certifiedBy(first);

describe("a run of the plan job", () => {
  test("issues a certificate that says what it rests on", () => {
    expect(plan.certificate).toMatchObject({
      floorPercent: 95,
      baseline: "large",
      confidence: 0.97,
      labels: { golden: 300, shadow: 0, feedback: 0 },
      issuedAt: start,
      expiresAt: start + 30 * 24 * hour,
    });
    expect(plan.model).toBe("c".repeat(64));
  });

  test("changes nothing when it is run again on the same", () => {
    for (const settings of [planDefaults, { ...planDefaults, rollout: [] }]) {
      const evidence = [...labels, ...following(plan, 200)];
      const one = planFor(evidence, { settings, previous: first.plans });
      const two = again(one, evidence, { settings });
      expect(two.plans).toEqual(one.plans);
      const three = again(two, evidence.toReversed(), { settings });
      expect(three.plans).toEqual(one.plans);
    }
  });

  test("leaves a live plan alone while nothing better is certified", () => {
    const later = again(first, labels, { now: start + 5 * 24 * hour });
    expect(currentOf(later)).toEqual(plan);
    expect(nextOf(later)).toBeUndefined();
  });

  test("puts what the labels certify in the place of a plan that goes further, at once", () => {
    const [entry] = first.plans;
    if (entry === undefined) throw new Error("The first run made a plan");
    const further = { ...plan, lambda: plan.lambda * 10 };
    const lucky = { ...further, digest: planDigest(further) };
    const output = again({ ...first, plans: [{ ...entry, current: lucky }] }, labels, inSteps);
    expect(currentOf(output)?.lambda).toBe(plan.lambda);
    expect(nextOf(output)).toBeUndefined();
  });

  test("makes the certificate anew before it expires, while its labels are there", () => {
    const later = again(first, labels, { now: start + 25 * 24 * hour });
    expect(currentOf(later)?.lambda).toBe(plan.lambda);
    expect(currentOf(later)?.certificate?.issuedAt).toBe(start + 25 * 24 * hour);
  });

  test("lets it expire where no labels are left", () => {
    const later = again(first, [], { now: start + 31 * 24 * hour });
    expect(currentOf(later)).toBeUndefined();
    expect(codesOf(later)).toContain("CertificateExpired");
  });

  test("takes a plan out that somebody has signed for longer than plans are issued for", () => {
    const { certificate, digest: _digest, ...rest } = plan;
    if (certificate === null) throw new Error("It is certified");
    const longer = { ...rest, certificate: { ...certificate, expiresAt: start + 31 * 24 * hour } };
    const signed = { ...longer, digest: planDigest(longer) };
    const [entry] = first.plans;
    if (entry === undefined) throw new Error("There is a pooled plan");
    const later = again({ ...first, plans: [{ ...entry, current: signed }] }, []);
    expect(currentOf(later)).toBeUndefined();
    expect(codesOf(later)).toContain("CertificateExpired");
  });

  test("takes a plan of a lower floor out at once", () => {
    const route = worldRoute({ quality: { floorPercent: 99, assurance: "Certified" } });
    const later = again(first, [], { route });
    expect(currentOf(later)).toBeUndefined();
  });
});

describe("a change of model, price or classifier", () => {
  const dearer = worldBackends.map((backend) =>
    backend.name === "small" ? { ...backend, prices: pricedAt(9, 9) } : backend,
  );
  const changed: Partial<PlanInput> = {
    table: { routes: { chat: worldRoute() }, backends: byName(dearer), tenants: {} },
    now: start + hour,
  };

  test("voids the plan and the labels from before, in later runs too", () => {
    const one = again(first, labels, changed);
    expect(currentOf(one)).toBeUndefined();
    expect(codesOf(one)).toContain("BasisChanged");
    const two = again(one, labels, { ...changed, now: start + 2 * hour });
    expect(currentOf(two)).toBeUndefined();
    const fresh = many(300, (id) => goldenPrompt(world, id, start + 2 * hour)).flat();
    const three = again(two, [...labels, ...fresh], { ...changed, now: start + 3 * hour });
    expect(currentOf(three)).toBeDefined();
  });

  test("is noticed of the classifier as well", () => {
    const one = again(first, labels, { builtInClassifier: "d".repeat(64) });
    expect(currentOf(one)).toBeUndefined();
    expect(codesOf(one)).toContain("BasisChanged");
  });
});

describe("a new plan's rollout", () => {
  const begun = planFor(labels, inSteps);
  const next = nextOf(begun);
  if (next === undefined) throw new Error("The labels of this world certify a plan");
  const since = { ts: start };
  const seen = following(next, 60, since);

  test("begins with a tenth, goes on to half and then to all", () => {
    const shares = [0, 0.5, 1, 1.5, 2].map((hours) => {
      const entry = entryOf(
        again(begun, [...labels, ...seen], { ...inSteps, now: start + hours * hour }),
      );
      return entry?.current === null ? entry.next?.sharePercent : 100;
    });
    expect(shares).toEqual([10, 10, 50, 50, 100]);
  });

  test("waits for requests, but not for ever", () => {
    const early = again(begun, labels, { ...inSteps, now: start + 2 * hour });
    expect(entryOf(early)?.next?.sharePercent).toBe(10);
    const late = again(begun, labels, { ...inSteps, now: start + 48 * hour });
    expect(currentOf(late)).toEqual(next);
  });

  const bystanders = many(100, (id) => serve(world, id, { ts: start, tag: "o", shadowShare: 0 }));
  const troubles: [string, EvidenceRow[]][] = [
    ["its requests fail", seen.map((row, id) => ({ ...row, failed: id % 3 === 0 }))],
    [
      "its answers are late",
      seen.map((row, id) => ({ ...row, latencyMs: id % 3 === 0 ? 9_000 : 900 })),
    ],
    ["its comparisons speak against it", following(next, 400, { ...since, drift: 3 })],
  ];
  test.each(troubles)("is taken back where %s, and the baseline goes on", (_, rows) => {
    const evidence = [...labels, ...bystanders, ...rows];
    const one = again(begun, evidence, { ...inSteps, now: start + hour / 2 });
    expect(codesOf(one)).toContain("PlanRolledBack");
    expect(entryOf(one)).toMatchObject({ current: null, evidence: { because: "RolledBack" } });
    // The labels from before do not bring it back.
    const two = again(one, evidence, { ...inSteps, now: start + hour });
    expect(nextOf(two)).toBeUndefined();
  });

  test("leaves the plan before it in force when it is taken back", () => {
    const newer = { ...next, lambda: next.lambda * 2, digest: "e".repeat(64) };
    const previous = [
      { ...entryOf(begun), current: plan, next: { plan: newer, sharePercent: 50 } },
    ];
    const evidence = [
      ...labels,
      ...bystanders,
      ...following(newer, 60).map((row) => ({ ...row, failed: true })),
    ];
    const output = planFor(evidence, {
      ...inSteps,
      previous: previous as PlanInput["previous"],
      now: start + hour,
    });
    expect(currentOf(output)).toEqual(plan);
    expect(nextOf(output)).toBeUndefined();
  });

  test("is the way of a plan that saves worthwhile more than the live one, which goes on meanwhile", () => {
    const slower = { ...plan, lambda: 0 };
    const careful = { ...slower, digest: planDigest(slower) };
    const previous = first.plans.map((entry) => ({ ...entry, current: careful }));
    const output = planFor(labels, { ...inSteps, previous });
    expect(currentOf(output)).toEqual(careful);
    expect(nextOf(output)?.lambda).toBe(plan.lambda);
  });
});

function measuredBy(rows: readonly EvidenceRow[]): MeasuredQuality {
  const { measured } = entryOf(again(first, [...labels, ...rows])) ?? {};
  if (measured === undefined) throw new Error("A plan in force is measured");
  return measured;
}

describe("live comparisons", () => {
  test("revoke a certificate that they speak against, and labels count from then on", () => {
    const evidence = [...labels, ...following(plan, 400, { drift: 3 })];
    const one = again(first, evidence, { now: start + hour });
    expect(currentOf(one)).toBeUndefined();
    expect(codesOf(one)).toContain("PlanRevoked");
    const two = again(one, evidence, { now: start + 2 * hour });
    expect(currentOf(two)).toBeUndefined();
    expect(entryOf(two)?.evidence).toMatchObject({ because: "Revoked", since: start + hour });
  });

  test("measure what is kept and saved, with what measuring its own requests costs charged", () => {
    const rows = following(plan, 500);
    const shadow: EvidenceRow = {
      ...rows[0]!,
      requestId: "shadow",
      arm: "shadow",
      labels: [],
      costUsd: 0.5,
    };
    const free = measuredBy(rows);
    const others: EvidenceRow = { ...shadow, requestId: "others", promptId: "of another plan" };
    const charged = measuredBy([...rows, shadow, others]);
    expect(free).toMatchObject({ requests: 500, labels: 500 });
    expect(free.kept?.lower).toBeLessThan(free.kept?.estimate ?? 0);
    const dear = rows.reduce((sum, { baselineCostUsd }) => sum + (baselineCostUsd ?? 0), 0);
    expect(charged.saved?.estimate).toBeCloseTo((free.saved?.estimate ?? 0) - 0.5 / dear, 6);
  });

  test("change no plans where they measure nearly the same, so that routers load no table for it", () => {
    const rows = following(plan, 3_000);
    const one = again(first, [...labels, ...rows], { now: start + 2 * hour });
    const few = many(20, (id) => serve(world, id, { plan, ts: start, tag: "q" }));
    for (const evidence of [rows, [...rows, ...few]]) {
      const two = again(one, [...labels, ...evidence], { now: start + 3 * hour });
      expect(two.plans).toEqual(one.plans);
    }
  });

  test("are told anew where they say something else, and each day", () => {
    const rows = following(plan, 1_000);
    const one = again(first, [...labels, ...rows], { now: start + 2 * hour });
    const at = (output: PlanOutput) => entryOf(output)?.measured?.at;
    expect(at(one)).toBe(start + 2 * hour);
    const dearer = rows.map((row) => ({ ...row, costUsd: row.costUsd * 1.1 }));
    const moved = again(one, [...labels, ...dearer], { now: start + 3 * hour });
    expect(at(moved)).toBe(start + 3 * hour);
    const nextDay = again(one, [...labels, ...rows], { now: start + 26 * hour });
    expect(at(nextDay)).toBe(start + 26 * hour);
  });

  test("measure savings against the control arm where there is one", () => {
    const rows = many(600, (id) =>
      serve(world, id, { plan, ts: start, controlShare: 0.2, shadowShare: 0 }),
    ).map((row) => (row.arm === "control" ? { ...row, costUsd: row.costUsd * 2 } : row));
    const { saved } = measuredBy(rows);
    const blind = rows.map((row) => ({ ...row, arm: row.arm === "control" ? null : row.arm }));
    const estimated = measuredBy(blind).saved;
    expect(saved?.estimate).toBeGreaterThan((estimated?.estimate ?? 0) + 0.1);
  });
});
