import { describe, expect, test } from "vitest";
import { RouteEvidence } from "../../../../src/policy/plans/route-evidence.ts";
import { byTime, labelledRows } from "../../../../src/policy/plans/scored-row.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
import { drawWorld, goldenPrompt, many, serve, worldModel } from "../../../support/plan-world.ts";

const eyes = { candidates: ["small", "medium", "large"], model: worldModel };
const fewer = { ...eyes, candidates: ["small", "large"] };
const tenants = ["acme", "initech", "umbrella"];
const world = drawWorld(3);
const asked = [
  ...tenants.flatMap((tenant) =>
    many(60, (id) => serve(world, id, { tenant, tag: tenant, shadowShare: 0.5 })),
  ),
  ...many(20, (id) => goldenPrompt(world, id)).flat(),
].toSorted(byTime);
/** As if two tenants had put the same golden prompts. */
const together = asked.map((row, place) =>
  row.arm === "golden" ? { ...row, tenant: tenants[place % 2] ?? null } : row,
);

describe.each<[string, readonly EvidenceRow[]]>([
  ["who ask each for themselves", asked],
  ["two of whom asked the same", together],
])("the labels of tenants %s", (_, rows) => {
  test("are those of their own rows, and of everybody else's, whoever asks again and of what", () => {
    const evidence = new RouteEvidence(rows);
    for (const tenant of [...tenants, "nobody", ...tenants]) {
      for (const seen of [eyes, fewer, { ...eyes, model: "other" }]) {
        for (const since of [0, 1_000, 1_030, 9_000]) {
          const counted = rows.filter(({ ts }) => ts >= since);
          const own = counted.filter((row) => row.tenant === tenant);
          const others = counted.filter((row) => row.tenant !== tenant);
          expect(evidence.labels(seen, since)).toEqual(labelledRows(counted, seen));
          expect(evidence.labelsOf(tenant, seen, since)).toEqual(labelledRows(own, seen));
          expect(evidence.labelsOfOthers(tenant, seen, since)).toEqual(labelledRows(others, seen));
        }
      }
    }
  });

  test("are made once for all of them", () => {
    const evidence = new RouteEvidence(rows);
    const all = evidence.labels(eyes);
    for (const tenant of tenants) evidence.labelsOfOthers(tenant, eyes);
    expect(evidence.labels(eyes)).toBe(all);
  });
});
