import { describe, expect, test } from "vitest";
import { planGroup } from "../../../../src/policy/index.ts";
import { watchPlan } from "../../../../src/policy/plans/watch-plan.ts";
import { labelledRows, type LabelledRow } from "../../../../src/policy/plans/scored-row.ts";
import {
  currentOf,
  drawWorld,
  goldenPrompt,
  many,
  planInput,
  serve,
  worldModel,
} from "../../../support/plan-world.ts";

const eyes = { candidates: ["small", "medium", "large"], model: worldModel };
const risk = 0.01;
const floor = 0.95;
const stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

function liveRows(seed: number, count: number, drift: number) {
  const world = drawWorld(seed);
  const plan = currentOf(planGroup(planInput(many(300, (id) => goldenPrompt(world, id)).flat())));
  if (plan === undefined) return undefined;
  const rows = many(count, (id) => serve(world, id, { plan, drift }));
  return { plan, labelled: labelledRows(rows, eyes) };
}

function labelsUntilRevoked(live: NonNullable<ReturnType<typeof liveRows>>): number {
  let [low, high] = [0, live.labelled.length + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const { isRevoked } = watchPlan(live.plan, live.labelled.slice(0, middle), risk);
    if (isRevoked) high = middle;
    else low = middle;
  }
  return high;
}

/** What the best of the gamblers wins a label, in log capital, when the world has changed. */
function growthOf(labelled: readonly LabelledRow[]): number {
  const gains = stakes.map((stake) => {
    const logs = labelled.map(({ scores, served }) =>
      Math.log(1 - stake * ((scores[served] ?? 0) - floor * (scores.at(-1) ?? 0))),
    );
    return logs.reduce((sum, each) => sum + each, 0) / logs.length;
  });
  return Math.max(...gains);
}

describe("the watch over a plan", () => {
  test("revokes within what the growth of its capital lets expect, once quality has fallen", () => {
    const ratios: number[] = [];
    for (let seed = 1; seed <= 40 && ratios.length < 15; seed += 1) {
      const live = liveRows(seed, 1_500, 3);
      if (live === undefined) continue;
      const growth = growthOf(live.labelled);
      // Where hardly a request goes to what has got worse, quality has not fallen below the floor.
      if (growth < 0.01) continue;
      // The one of six gamblers that suits has to make up for the others, and for one last stake.
      const expected = (Math.log(stakes.length / risk) + 1) / growth;
      ratios.push(labelsUntilRevoked(live) / expected);
    }
    expect(ratios.length).toBe(15);
    const mean = ratios.reduce((sum, each) => sum + each, 0) / ratios.length;
    expect(mean).toBeLessThanOrEqual(1.25);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(3);
  });

  test("revokes hardly any plan that keeps its floor, however long it looks", () => {
    let [looked, revoked] = [0, 0];
    for (let seed = 1; seed <= 30; seed += 1) {
      const live = liveRows(seed, 1_500, 0);
      if (live === undefined) continue;
      const kept = live.labelled.reduce(
        (sum, { scores, served }) => sum + (scores[served] ?? 0) - floor * (scores.at(-1) ?? 0),
        0,
      );
      if (kept < 0) continue;
      looked += 1;
      if (labelsUntilRevoked(live) <= live.labelled.length) revoked += 1;
    }
    expect(looked).toBeGreaterThan(20);
    expect(revoked).toBe(0);
  });
});
