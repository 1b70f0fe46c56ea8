import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/lib/index.ts";
import {
  planGroup,
  RowSample,
  type PlanOutput,
  type PlanRow,
  type SampleBounds,
} from "../../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
import type { Interval, MeasuredQuality } from "../../../../src/table/index.ts";
import {
  currentOf,
  drawWorld,
  goldenPrompt,
  hour,
  many,
  planInput,
  serve,
} from "../../../support/plan-world.ts";
import { tenantEntry } from "../../routing/sample-entries.ts";

const now = 24 * hour;
const weightOf = ({ standsFor }: PlanRow): number => standsFor ?? 1;
const sum = (rows: readonly PlanRow[], valueOf: (row: PlanRow) => number): number =>
  rows.reduce((total, row) => total + weightOf(row) * valueOf(row), 0);

function sampled(rows: Iterable<EvidenceRow>, bounds?: SampleBounds): PlanRow[] {
  const sample = new RowSample(now, bounds);
  for (const row of rows) sample.add(row);
  return sample.rows();
}

const byId = (rows: readonly PlanRow[]): PlanRow[] =>
  rows.toSorted((left, right) => (left.requestId < right.requestId ? -1 : 1));
const isLabelled = ({ labels }: PlanRow): boolean => labels.length > 0;

/** A request without a label, of one of some tenants. */
const [pattern] = many(1, () => serve(drawWorld(3), 0, { shadowShare: 0 }));
if (pattern === undefined) throw new Error("One was asked for");
const request = (id: string, changes: Partial<EvidenceRow> = {}): EvidenceRow => ({
  ...pattern,
  requestId: id,
  promptId: id,
  ...changes,
});

describe("a sample of the evidence", () => {
  test("is all of it where that is little", () => {
    const world = drawWorld(5);
    const rows = [
      ...many(100, (id) => goldenPrompt(world, id)).flat(),
      ...many(500, (id) => serve(world, id, { shadowShare: 0.3 })),
    ];
    expect(byId(sampled(rows))).toEqual(byId(rows));
  });

  test("stays bounded over a stream of 200,000 requests, and stands for all of them", () => {
    function* stream(): Generator<EvidenceRow, void, void> {
      for (let id = 0; id < 200_000; id += 1) {
        const tenant = `tenant-${id % 3}`;
        const labels =
          id % 10 === 0 ? [{ backend: "large", score: 1, source: "shadow" as const }] : [];
        yield request(`r${id}`, { tenant, ts: id, labels });
      }
    }
    const rows = sampled(stream());
    const [labelled, others] = [rows.filter(isLabelled), rows.filter((row) => !isLabelled(row))];
    expect(labelled).toHaveLength(20_000);
    expect(others.length).toBe(3 * 4_000);
    expect(sum(rows, () => 1)).toBeCloseTo(200_000, 3);
  });

  test("keeps within the bound over all however many tenants there are, with some of each", () => {
    const bounds = { labelled: { each: 64, all: 200 }, others: { each: 64, all: 500 } };
    const rows = many(20_000, (id) =>
      request(`r${id}`, {
        tenant: `tenant-${id % 100}`,
        labels: id % 4 === 0 ? [{ backend: "large", score: 1, source: "shadow" }] : [],
      }),
    );
    const kept = sampled(rows, bounds);
    expect(kept.filter(isLabelled).length).toBeLessThanOrEqual(200);
    expect(kept.length).toBeLessThanOrEqual(700);
    expect(new Set(kept.map(({ tenant }) => tenant)).size).toBe(100);
    expect(sum(kept, () => 1)).toBeCloseTo(20_000, 3);
  });

  test("keeps the newest compared answers where they are too many", () => {
    const bounds = { labelled: { each: 10, all: 1_000 }, others: { each: 10, all: 1_000 } };
    const labels = [{ backend: "large", score: 1, source: "shadow" as const }];
    const rows = many(100, (id) => request(`r${id}`, { ts: id, labels }));
    const kept = sampled(rows, bounds);
    expect(kept.filter(isLabelled).map(({ ts }) => ts)).toEqual(many(10, (id) => 99 - id));
    expect(sum(kept, () => 1)).toBeCloseTo(100, 6);
  });

  test("keeps what followed a newer plan apart from the month before it", () => {
    const old = many(30_000, (id) => request(`o${id}`, { planDigest: "a", ts: -id * 60_000 }));
    const fresh = many(100, (id) => request(`n${id}`, { planDigest: "b", ts: now - id }));
    const kept = sampled([...old, ...fresh]);
    expect(kept.filter(({ planDigest }) => planDigest === "b")).toHaveLength(100);
  });

  test("is the same in whatever order rows come", () => {
    const bounds = { labelled: { each: 16, all: 40 }, others: { each: 16, all: 60 } };
    const rows = fc.array(
      fc.record({
        tenant: fc.constantFrom("a", "b", "c", null),
        arm: fc.constantFrom(null, "control" as const, "shadow" as const),
        planDigest: fc.constantFrom(null, "p"),
        ts: fc.integer({ min: 0, max: now }),
        isLabelled: fc.boolean(),
      }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(rows, fc.integer(), (drawn, seed) => {
        const all = drawn.map(({ isLabelled: judged, ...row }, id) =>
          request(`r${id}`, {
            ...row,
            labels: judged ? [{ backend: "large", score: 1, source: "shadow" }] : [],
          }),
        );
        const random = seededRandom(seed);
        const shuffled = all
          .map((row) => ({ row, place: random() }))
          .toSorted((left, right) => left.place - right.place)
          .map(({ row }) => row);
        expect(byId(sampled(shuffled, bounds))).toEqual(byId(sampled(all, bounds)));
      }),
    );
  });

  test("estimates what all of it costs without bias, and about as surely as a draw of its size can", () => {
    const bounds = { labelled: { each: 50, all: 1_000 }, others: { each: 50, all: 1_000 } };
    const random = seededRandom(7);
    const costs = many(1_000, () => random() ** 3);
    const whole = costs.reduce((total, cost) => total + cost, 0);
    // Other ids draw other rows of the same.
    const errors = many(400, (draw) => {
      const rows = costs.map((costUsd, id) => request(`${draw}-${id}`, { costUsd }));
      return sum(sampled(rows, bounds), (row) => row.costUsd) / whole - 1;
    });
    const mean = errors.reduce((total, error) => total + error, 0) / errors.length;
    const deviation = Math.sqrt(
      errors.reduce((total, error) => total + (error - mean) ** 2, 0) / errors.length,
    );
    const scatter = Math.sqrt(
      costs.reduce((total, cost) => total + (cost * 1_000 - whole) ** 2, 0) / 1_000,
    );
    const expected = (scatter / whole) * Math.sqrt((1 - 50 / 1_000) / 50);
    expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(errors.length));
    expect(deviation / expected).toBeGreaterThan(0.85);
    expect(deviation / expected).toBeLessThan(1.15);
  });
});

test("a plan made from a sample saves and measures what one made from everything does", () => {
  const world = drawWorld(14);
  const golden = many(300, (id) => goldenPrompt(world, id)).flat();
  const first = planGroup(planInput(golden));
  const plan = currentOf(first);
  if (plan === undefined) throw new Error("The labels of this world certify a plan");
  const traffic = many(6_000, (id) =>
    serve(world, id, { plan, ts: now, controlShare: 0.1, shadowShare: 0.05, tag: "p" }),
  );
  const bounds = { labelled: { each: 5_000, all: 9_000 }, others: { each: 400, all: 9_000 } };
  const shadows = traffic
    .filter((_, id) => id % 3 === 0)
    .map((row) => ({
      ...row,
      requestId: `s-${row.requestId}`,
      arm: "shadow" as const,
      labels: [],
    }));
  const evidence = [...golden, ...traffic, ...shadows];
  const later = (rows: readonly PlanRow[]): Came =>
    cameOf(planGroup(planInput(rows, { previous: first.plans, now: now + hour })));
  const [whole, part] = [later(evidence), later(sampled(evidence, bounds))];
  expect(sampled(evidence, bounds).length).toBeLessThan(2_600);
  expect(part.measured.requests).toBe(whole.measured.requests);
  expect(part.measured.kept).toEqual(whole.measured.kept);
  expect(part.saved.lower).toBeLessThan(whole.saved.estimate);
  expect(part.saved.upper).toBeGreaterThan(whole.saved.estimate);
  expect(part.saved.estimate).toBeCloseTo(whole.saved.estimate, 1);
  expect(part.expectedSaving).toBeCloseTo(whole.expectedSaving, 1);
});

interface Came {
  measured: MeasuredQuality;
  saved: Interval;
  expectedSaving: number;
}

function cameOf({ plans: [entry], report: [line] }: PlanOutput): Came {
  const { measured } = entry ?? {};
  const { expectedSaving = null } = line ?? {};
  if (measured === undefined || measured.saved === null || expectedSaving === null) {
    throw new Error("A plan in force is measured");
  }
  return { measured, saved: measured.saved, expectedSaving };
}

test("a plan is made of more requests than a call has room for arguments", () => {
  const first = planGroup(planInput(many(300, (id) => goldenPrompt(drawWorld(14), id)).flat()));
  const crowd = Array.from({ length: 200_000 }, (_, id) =>
    request(`r${id}`, { tenant: "acme", ts: now, planDigest: currentOf(first)?.digest ?? "" }),
  );
  const budgets = [{ window: "Day", timeZone: "UTC", microUsd: 1, onExceeded: "Reject" }] as const;
  const changes = { previous: first.plans, tenants: [tenantEntry({ budgets })], now: now + 1 };
  const output = planGroup(planInput(crowd, changes));
  expect(output.plans[0]?.measured?.requests).toBe(200_000);
});
