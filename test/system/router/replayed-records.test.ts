import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Replay, ReplayBasis, type ReplayReport } from "../../../src/policy/index.ts";
import type { RoutingTable } from "../../../src/table/index.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const questions = [
  "What is 17 * 23?",
  "Say hello",
  "Prove that the sum of the divisors of n is bounded, and derive a closed form by an integral.",
  "Écris un poème sur les gares de triage, en vers de douze pieds.",
  "function f(x) { return x.map(y => y ** 2) } // what is wrong with this code?",
];

let local: Local;
let table: RoutingTable;

beforeAll(async () => {
  local = await startLocal();
  table = local.refreshes.at(-1)!.table;
  for (let round = 0; round < 6; round += 1) {
    for (const content of questions) {
      const body = { model: "assistant", messages: [{ role: "user", content }] };
      expect((await send(local, { body })).status).toBe(200);
    }
  }
  await local.records.where(({ route }) => route === "assistant", "the assistant", 30);
});

afterAll(() => local.stop());

function replay(under: RoutingTable): ReplayReport {
  const basis = new ReplayBasis(under);
  for (const record of local.records.all) basis.add(record);
  const replayed = new Replay(under, basis);
  for (const record of local.records.all) replayed.add(record);
  return replayed.report();
}

describe("what a router recorded", () => {
  it("is chosen again, request by request, under the table that it was chosen under", () => {
    const { total } = replay(table);
    expect(total).toMatchObject({ requests: 30, changed: 0, unknown: { requests: 0 } });
    expect(total.replayed.costUsd).toBeCloseTo(total.recorded.costUsd, 12);
    expect(total.replayed.saved).toBeCloseTo(total.recorded.saved!, 9);
  });

  it("goes to the baseline where a floor would have to be certified and no plan is there", () => {
    const { assistant } = table.routes;
    const quality = { floorPercent: 95, assurance: "Certified" as const };
    const { total } = replay({
      ...table,
      plans: {},
      routes: { assistant: { ...assistant!, quality } },
    });
    expect(total.replayed).toMatchObject({ baseline: 1, saved: 0 });
    expect(total.reasons).toEqual({ no_plan: 30 });
  });
});
