import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  choose,
  permits,
  type Choice,
  type ChoiceInput,
  type Considered,
} from "../../../src/routing/index.ts";
import type { BackendEntry, Plan } from "../../../src/table/index.ts";
import { plannedSituation } from "./arbitrary-situation.ts";
import { allWell, planEntryOf } from "./sample-entries.ts";

const runs = { numRuns: 500 };

function chosen(input: ChoiceInput): Choice | undefined {
  const choice = choose(input);
  return choice.ok ? choice.value : undefined;
}

const firstOf = (choice: Choice) => choice.chain[0]!;
const planIn = ({ plan }: ChoiceInput): Plan => plan!.current!;

const allows = (input: ChoiceInput, { name }: BackendEntry): boolean =>
  planIn(input).candidates.some(({ backend }) => backend === name);

/** Everybody is well, has room, and is within its share. */
const untroubled = plannedSituation.map((input) => ({
  ...input,
  health: allWell(),
  hasRoom: () => true,
  hasShare: () => true,
}));

function withPlan(input: ChoiceInput, changes: Partial<Plan>): ChoiceInput {
  return { ...input, plan: planEntryOf({ ...planIn(input), ...changes }, { tenant: "acme" }) };
}

const valued = ({ considered }: Choice): Considered[] =>
  considered.filter(({ value }) => typeof value === "number");

describe("whatever the plan, the prices and who is away", () => {
  test("no choice exceeds a hard limit", () => {
    fc.assert(
      fc.property(plannedSituation, (input) => {
        const choice = chosen(input);
        for (const { backend } of choice?.chain ?? [])
          expect(permits(backend, input.needs, input.tenant)).toBe(true);
      }),
      runs,
    );
  });

  test("nobody serves beyond its share while anybody else may be called", () => {
    fc.assert(
      fc.property(plannedSituation, (input) => {
        const choice = chosen(input);
        if (choice === undefined) return;
        const { backend: first } = firstOf(choice);
        if (input.hasShare?.(first) !== false) return;
        const others = [...choice.chain.map(({ backend }) => backend), ...choice.away];
        for (const other of others) {
          const mayBeCalled = input.health.admits(other) && input.hasRoom(other);
          expect(mayBeCalled && input.hasShare?.(other)).toBe(false);
        }
      }),
      runs,
    );
  });

  test("a plan leads to nobody whom it does not allow, but to the baseline or for want of any other", () => {
    fc.assert(
      fc.property(plannedSituation, (input) => {
        const choice = chosen(input);
        if (choice === undefined || choice.plan === null) return;
        const { backend } = firstOf(choice);
        if (allows(input, backend) || backend.name === input.route.baseline) return;
        expect(choice.chain.some((link) => allows(input, link.backend))).toBe(false);
      }),
      runs,
    );
  });

  test("what the plan values most serves, or one that is judged no worse, or the baseline, or it is away", () => {
    fc.assert(
      fc.property(plannedSituation, (input) => {
        const choice = chosen(input);
        if (choice === undefined || choice.plan === null) return;
        const most = Math.max(...valued(choice).map(({ value }) => value ?? -Infinity));
        const wanted = valued(choice).filter(({ value }) => value === most);
        const first = firstOf(choice);
        if (choice.reason === "planned_away") {
          const asGood = choice.chain.filter(
            ({ backend, p }) => allows(input, backend) && p >= Math.min(...wanted.map((w) => w.p!)),
          );
          if (asGood.length > 0) expect(asGood).toContain(first);
          return;
        }
        expect(first.p).toBeGreaterThanOrEqual(Math.min(...wanted.map((each) => each.p ?? 0)));
      }),
      runs,
    );
  });

  test("the same input gives the same choice", () => {
    fc.assert(
      fc.property(plannedSituation, (input) => {
        expect(choose(input)).toEqual(choose(input));
      }),
      runs,
    );
  });
});

describe("where nobody is away", () => {
  const even = (input: ChoiceInput, lambda: number): ChoiceInput => {
    const candidates = planIn(input).candidates.map((each) => ({ ...each, handicap: 0 }));
    return withPlan(input, { lambda, candidates });
  };

  test("a larger λ never makes a dearer choice", () => {
    const lambda = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(untroubled, lambda, lambda, (input, one, other) => {
        const modest = chosen(even(input, Math.min(one, other)));
        const thrifty = chosen(even(input, Math.max(one, other)));
        if (modest === undefined || thrifty === undefined) return;
        expect(firstOf(thrifty).expectedPicoUsd).toBeLessThanOrEqual(
          firstOf(modest).expectedPicoUsd,
        );
      }),
      runs,
    );
  });

  test("λ of nothing takes the most correct that the plan allows, whatever it costs", () => {
    fc.assert(
      fc.property(untroubled, (input) => {
        const choice = chosen(even(input, 0));
        if (choice === undefined || choice.plan === null) return;
        const most = Math.max(...valued(choice).map(({ p }) => p ?? 0));
        expect(firstOf(choice).p).toBe(most);
      }),
      runs,
    );
  });

  test("a larger handicap never wins a backend the head", () => {
    fc.assert(
      fc.property(
        untroubled,
        fc.nat(4),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (input, at, by) => {
          const choice = chosen(input);
          const held = planIn(input).candidates[at]?.backend;
          if (choice === undefined || held === undefined) return;
          if (firstOf(choice).backend.name === held) return;
          const candidates = planIn(input).candidates.map(({ backend, handicap }) => ({
            backend,
            handicap: backend === held ? handicap + by : handicap,
          }));
          const plan = planEntryOf(
            { ...planIn(input), candidates },
            { tenant: input.plan!.tenant },
          );
          const again = chosen({ ...input, plan, route: { ...input.route, envelope: {} } });
          const before = chosen({ ...input, route: { ...input.route, envelope: {} } });
          if (before === undefined || firstOf(before).backend.name === held) return;
          expect(again && firstOf(again).backend.name).not.toBe(held);
        },
      ),
      runs,
    );
  });
});
