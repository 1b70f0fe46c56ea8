import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import {
  choose,
  choiceReasons,
  estimateByTier,
  keepsEnvelope,
  effectiveEnvelope,
  LatencyBook,
  permits,
} from "../../../src/routing/index.ts";
import type { Prices } from "../../../src/table/index.ts";
import { ids, situation } from "./arbitrary-situation.ts";
import {
  allWell,
  backendEntry,
  byName,
  chatNeeds,
  plainDraws,
  routeEntry,
  standingClock,
} from "./sample-entries.ts";

const runs = { numRuns: 500 };

describe("whatever the table, the tenant and the request", () => {
  test("the chain holds the permitted that are neither ejected nor full, one at least; the rest says why it is out", () => {
    fc.assert(
      fc.property(situation, (input) => {
        const all = Object.values(input.backends);
        const permitted = all.filter((backend) => permits(backend, input.needs, input.tenant));
        const choice = choose(input);
        expect(choice.ok).toBe(permitted.length > 0);
        if (!choice.ok) return;
        const chain = choice.value.chain.map(({ backend }) => backend);
        const well = permitted.filter(
          (backend) => input.health.admits(backend) && input.hasRoom(backend),
        );
        expect(chain).toHaveLength(Math.max(1, well.length));
        expect(new Set(chain).size).toBe(chain.length);
        for (const backend of chain) expect(well.length > 0 ? well : permitted).toContain(backend);
        const { considered, away } = choice.value;
        expect([...chain, ...away].map(({ name }) => name).toSorted()).toEqual(
          permitted.map(({ name }) => name).toSorted(),
        );
        expect(considered.map(({ backend }) => backend)).toEqual(all);
        for (const { backend, dropped, estimates } of considered) {
          expect(dropped === undefined).toBe(chain.includes(backend));
          expect(["ejected", "full"].includes(dropped?.limit ?? "")).toBe(away.includes(backend));
          expect(estimates === undefined).toBe(!permitted.includes(backend));
        }
      }),
      runs,
    );
  });

  test("the choice says of itself what is so", () => {
    fc.assert(
      fc.property(situation, (input) => {
        const choice = choose(input);
        if (!choice.ok) return;
        const { chain, reason, envelopeMissed, confidence } = choice.value;
        const [first] = chain;
        expect(Object.keys(choiceReasons)).toContain(reason);
        expect(confidence).toBe(first?.p);
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThan(1);
        const kept = keepsEnvelope(first!.estimates, effectiveEnvelope(input.route, input.tenant));
        expect(envelopeMissed).toBe(!kept);
        for (const { estimates } of chain)
          expect(Number.isSafeInteger(estimates.costPicoUsd)).toBe(true);
      }),
      runs,
    );
  });

  test("the cheapest is the cheapest of all that keep the envelope and the floor", () => {
    fc.assert(
      fc.property(situation, (input) => {
        fc.pre(
          input.route.selection === "CheapestWithinEnvelope" &&
            input.route.quality.assurance === "Estimated",
        );
        const choice = choose(input);
        if (!choice.ok) return;
        const judgement = estimateByTier.judge(input.needs);
        const floor =
          (judgement.pCorrect(input.backends[input.route.baseline]!) *
            input.route.quality.floorPercent) /
          100;
        const admissible = choice.value.considered.filter(
          ({ dropped, inEnvelope, p }) =>
            dropped === undefined && inEnvelope === true && (p ?? 0) >= floor,
        );
        expect(choice.value.reason === "cheapest").toBe(admissible.length > 0);
        if (admissible.length === 0) return;
        const costs = admissible.map(({ expectedPicoUsd }) => expectedPicoUsd ?? Infinity);
        expect(choice.value.chain[0]?.expectedPicoUsd).toBe(Math.min(...costs));
      }),
      runs,
    );
  });

  test("becoming cheaper never loses a backend its place at the head", () => {
    fc.assert(
      fc.property(situation, fc.integer({ min: 0, max: 99 }), (input, percent) => {
        const choice = choose(input);
        if (!choice.ok) return;
        const first = choice.value.chain[0]!.backend;
        const cheaper = { ...first, prices: discounted(first.prices, percent) };
        const again = choose({ ...input, backends: { ...input.backends, [first.name]: cheaper } });
        expect(again.ok && again.value.chain[0]?.backend.name).toBe(first.name);
      }),
      runs,
    );
  });

  test("becoming dearer never wins a backend the head", () => {
    fc.assert(
      fc.property(
        situation,
        fc.nat(4),
        fc.integer({ min: 100, max: 1_000 }),
        (input, index, percent) => {
          const other = Object.values(input.backends)[index];
          const choice = choose(input);
          if (other === undefined || !choice.ok || choice.value.chain[0]?.backend === other) return;
          const dearer = { ...other, prices: discounted(other.prices, percent) };
          const again = choose({ ...input, backends: { ...input.backends, [other.name]: dearer } });
          expect(again.ok && again.value.chain[0]?.backend.name).not.toBe(other.name);
        },
      ),
      runs,
    );
  });
});

function discounted(before: Prices, percent: number): Prices {
  const scaled = (price: number) => Math.floor((price * percent) / 100);
  const { tokens, instanceHour } = before;
  return {
    ...(tokens === undefined
      ? {}
      : { tokens: { input: scaled(tokens.input), output: scaled(tokens.output) } }),
    ...(instanceHour === undefined ? {} : { instanceHour: scaled(instanceHour) }),
  };
}

test("over many requests Weighted follows the weights", () => {
  const backends = ids.slice(0, 4).map((name) => backendEntry(name));
  const weights = [0, 1, 3, 6];
  const candidates = backends.map(({ name }, index) => ({
    backend: name,
    weight: weights[index] ?? 0,
  }));
  const random = seededRandom(2_026);
  const book = new LatencyBook(standingClock());
  const heads = new Map<string, number>();
  const requests = 20_000;
  for (let index = 0; index < requests; index += 1) {
    const route = routeEntry(backends, { selection: "Weighted", candidates });
    const choice = choose({
      route,
      backends: byName(backends),
      tenant: null,
      needs: chatNeeds(),
      book,
      health: allWell(),
      hasRoom: () => true,
      draws: { ...plainDraws, weight: random() },
      now: 0,
    });
    const head = choice.ok ? (choice.value.chain[0]?.backend.name ?? "") : "";
    heads.set(head, (heads.get(head) ?? 0) + 1);
  }
  const shares = ids.slice(0, 4).map((name) => (heads.get(name) ?? 0) / requests);
  expect(shares[0]).toBe(0);
  // Five standard errors at most.
  for (const [index, weight] of weights.entries())
    expect(Math.abs((shares[index] ?? 0) - weight / 10)).toBeLessThan(0.018);
});
