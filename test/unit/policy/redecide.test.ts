import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redecide } from "../../../src/policy/replay/redecide.ts";
import { ReplayBasis } from "../../../src/policy/index.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import { choiceRecord } from "../../../src/router/choice-record.ts";
import type { Progress } from "../../../src/router/progress.ts";
import { choose, type Choice, type ChoiceInput } from "../../../src/routing/index.ts";
import { planName, type RoutingTable } from "../../../src/table/index.ts";
import { makeRecord } from "../../support/observations.ts";
import { plannedSituation, situation } from "../routing/arbitrary-situation.ts";

/** What the router would have recorded of a choice. */
function recordOf(choice: Choice, { route, tenant }: ChoiceInput): RequestRecord {
  return makeRecord({
    ...choiceRecord({ choice } as Progress),
    ts: new Date(0).toISOString(),
    route: route.name,
    tenant: tenant === null ? null : "acme",
  });
}

function tableOf({ route, backends, tenant, plan }: ChoiceInput): RoutingTable {
  const plans = plan === undefined ? {} : { [planName(plan)]: plan };
  return {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends,
    routes: { [route.name]: route },
    tenants: tenant === null ? {} : { acme: tenant },
    plans,
  };
}

function replayed(record: RequestRecord, table: RoutingTable) {
  return redecide(record, table, new ReplayBasis(table));
}

/** Where a hard limit kept the baseline out, nothing tells the floor of an Estimated route: it is said, not guessed. */
function isUnmeasured(choice: Choice, { route }: ChoiceInput): boolean {
  const baseline = choice.considered.find(({ backend }) => backend.name === route.baseline);
  return (
    choice.plan === null && route.quality.assurance === "Estimated" && baseline?.p === undefined
  );
}

/**
 * Between candidates that are estimated alike the share of lately failed attempts decides, and no record
 * tells it: such a choice may fall differently.
 */
function isAlike(choice: Choice, backend: string): boolean {
  const [first] = choice.chain;
  const other = choice.chain.find((each) => each.backend.name === backend);
  return first?.p === other?.p;
}

describe("a recorded request under the policy that it was recorded under", () => {
  it("gets the backend that it got, by a plan", () => {
    const reasons = new Set<string>();
    fc.assert(
      fc.property(plannedSituation, (input) => {
        const choice = choose(input);
        if (!choice.ok) return;
        const { chain, reason, plan } = choice.value;
        // The tenant's own plan is found by its name, which an anonymous caller has none of.
        fc.pre(!(input.plan?.tenant === "acme" && input.tenant === null));
        const found = replayed(recordOf(choice.value, input), tableOf(input));
        if (typeof found === "string") {
          expect(found).toBe("no_measure");
          expect(isUnmeasured(choice.value, input)).toBe(true);
          return;
        }
        const { backend } = found.ways[0]!;
        if (!isAlike(choice.value, backend)) expect(backend).toBe(chain[0]?.backend.name);
        else expect(found.reason).toBe(reason);
        expect(found.plan?.plan).toEqual(plan?.plan);
        expect(found.unknown).toEqual([]);
        reasons.add(reason);
      }),
      { numRuns: 2_000 },
    );
    expect([...reasons]).toEqual(expect.arrayContaining(["planned", "planned_away"]));
  });

  it("gets it without a plan too, and where weights draw, it is among those that may be drawn", () => {
    fc.assert(
      fc.property(situation, (input) => {
        const choice = choose(input);
        if (!choice.ok) return;
        const first = choice.value.chain[0]!.backend.name;
        const found = replayed(recordOf(choice.value, input), tableOf(input));
        if (typeof found === "string") {
          expect(found).toBe("no_measure");
          expect(isUnmeasured(choice.value, input)).toBe(true);
          return;
        }
        const backends = found.ways.map(({ backend }) => backend);
        expect(found.ways.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        if (input.route.selection === "Weighted") expect(backends).toContain(first);
        else if (!isAlike(choice.value, backends[0]!)) expect(backends).toEqual([first]);
      }),
      { numRuns: 500 },
    );
  });
});
