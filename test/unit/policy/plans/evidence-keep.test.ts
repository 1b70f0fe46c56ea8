import { describe, expect, test } from "vitest";
import { EvidenceKeep, planGroup } from "../../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../../src/records/index.ts";
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

const world = drawWorld(14);
const budget = {
  name: "b",
  window: "Day",
  timeZone: "UTC",
  microUsd: 1,
  onExceeded: "Reject",
} as const;
const labels = many(300, (id) => goldenPrompt(world, id)).flat();
const unlabelled = (count: number, route = "chat"): EvidenceRow[] =>
  many(count, (id) => ({ ...serve(world, id, { shadowShare: 0 }), route }));

function kept(rows: readonly EvidenceRow[], { routes = 1, most = 100 } = {}) {
  const keep = new EvidenceKeep(routes, most);
  for (const row of rows) keep.add(row);
  return keep.kept();
}

describe("of more requests than fit into memory", () => {
  test("all that are labelled are kept, and the latest of the others", () => {
    const judged = many(500, (id) => serve(world, id, { ts: 0, tag: "j" }));
    const plain = unlabelled(1_000);
    const { rows, trafficSince } = kept([...judged, ...labels, ...plain]);
    expect(rows).toEqual([...judged, ...labels, ...plain.slice(-100)]);
    expect([...trafficSince]).toEqual([["chat", plain.at(-100)?.ts]]);
  });

  test("the same are kept in whatever order they come", () => {
    const plain = unlabelled(1_000);
    const shuffled = plain.toSorted((left, right) => (left.ts % 97) - (right.ts % 97));
    const ids = (some: readonly EvidenceRow[]) => some.map(({ requestId }) => requestId).toSorted();
    expect(ids(kept(shuffled).rows)).toEqual(ids(kept(plain).rows));
  });

  test("a busy route takes no room from a quiet one", () => {
    const quiet = unlabelled(10, "quiet");
    const { rows, trafficSince } = kept([...quiet, ...unlabelled(1_000)], { routes: 2 });
    expect(rows.filter(({ route }) => route === "quiet")).toEqual(quiet);
    expect(trafficSince.has("quiet")).toBe(false);
  });

  test("nothing is left out where all fit", () => {
    expect(kept(unlabelled(100)).trafficSince.size).toBe(0);
  });
});

test("a budget is projected by the time of which all requests are there", () => {
  const spender = tenantEntry({ budgets: [budget] });
  const rows = many(200, (id) => ({ ...serve(world, id, { tenant: "acme" }), ts: id * 1_000 }));
  const late = rows.map((row) => ({
    ...row,
    requestId: `late-${row.requestId}`,
    ts: row.ts + 20 * hour,
  }));
  const projected = (changes: Parameters<typeof planInput>[1]): number => {
    const { findings } = planGroup(
      planInput([...rows, ...late], { tenants: [spender], ...changes }),
    );
    const found = findings.find(({ code }) => code === "BudgetTooSmall");
    return Number(/come to (\S+) USD/.exec(found?.message ?? "")?.[1]);
  };
  const trafficSince = new Map([["chat", 20 * hour]]);
  // Half of the requests, in a sixth of the time.
  expect(projected({ trafficSince }) / projected({})).toBeCloseTo(3, 1);
});

test("a plan is made of more requests than a call has room for arguments", () => {
  const first = planGroup(planInput(labels));
  const plan = currentOf(first);
  const [row] = many(1, (id) => serve(world, id, { plan, tenant: "acme", ts: 24 * hour }));
  const crowd = Array.from({ length: 200_000 }, (_, id) => ({ ...row!, requestId: `r${id}` }));
  const output = planGroup(
    planInput([...labels, ...crowd], {
      previous: first.plans,
      tenants: [tenantEntry({ budgets: [budget] })],
    }),
  );
  expect(output.plans[0]?.measured?.requests).toBe(200_000);
});
