import { expect, test } from "vitest";
import { planConfigMaps } from "../../../src/cli/plan-config-map.ts";
import { withinRoom } from "../../../src/cli/plan-room.ts";
import type { PlanOutput, PlanReport } from "../../../src/policy/index.ts";
import type { PlanEntry } from "../../../src/table/index.ts";
import { planEntry } from "../../support/plan-entry.ts";

const maps = 1;
const room = { namespace: "models", routerClass: "fast", maps, previous: [] };

const entryOf = (id: number): PlanEntry =>
  planEntry({ tenant: id === 0 ? null : `tenant-${String(id).padStart(4, "0")}` });

/** The pooled plan of a route, and of tenants of whom each saves less than the one before. */
function outputOf(plans: readonly PlanEntry[]): PlanOutput {
  const report: PlanReport[] = plans.map(({ route, tenant }, id) => ({
    route,
    tenant,
    serves: tenant === null ? "pooled" : "own",
    rollout: null,
    lambda: 1,
    expectedSaving: 0.3,
    savedUsd: tenant === null ? 0 : 10_000 - id,
    lowerBound: 0.01,
    labels: { golden: 300, shadow: 0 },
    shares: {},
    expiresAt: 1,
    because: null,
  }));
  return { plans, findings: [], report };
}

const many = Array.from({ length: 3_000 }, (_, id) => entryOf(id));

test("plans for which there is room are written as they are", () => {
  const output = outputOf(many.slice(0, 100));
  expect(withinRoom(output, room)).toBe(output);
});

test("of more plans than there is room for those that save least are left out, and it is said", () => {
  const { plans, findings, report } = withinRoom(outputOf(many), room);
  expect(planConfigMaps(room, plans)).toHaveLength(maps);
  // No more of them than has to be.
  expect(planConfigMaps(room, many.slice(0, plans.length + 10)).length).toBeGreaterThan(maps);
  expect(plans).toEqual(many.slice(0, plans.length));
  expect(findings).toMatchObject([
    { code: "PlansLeftOut", severity: "Warning", route: plans[0]?.route, tenant: null },
  ]);
  expect(findings[0]?.message).toContain(`of tenant-${String(plans.length).padStart(4, "0")}, `);
  expect(findings[0]?.message).toContain(`and ${3_000 - plans.length - 5} more`);
  expect(report.at(-1)).toMatchObject({ tenant: "tenant-2999", serves: "pooled" });
  expect(report[1]).toMatchObject({ tenant: "tenant-0001", serves: "own" });
});

test("a plan that is there gives way only to one that saves twice as much", () => {
  const { plans } = withinRoom(outputOf(many), { ...room, previous: many.slice(-10) });
  expect(plans).toEqual(expect.arrayContaining(many.slice(-10)));
});

test("what is remembered of labels stays, though it saves nothing", () => {
  const last = { ...entryOf(2_999), current: null };
  const { next: _, ...memory } = last;
  const { plans } = withinRoom(outputOf([...many.slice(0, -1), memory]), room);
  expect(plans).toContain(memory);
});
