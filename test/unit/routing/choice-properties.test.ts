import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import {
  BackendHealth,
  choose,
  choiceReasons,
  estimateByTier,
  keepsEnvelope,
  effectiveEnvelope,
  LatencyBook,
  permits,
  type ChoiceInput,
} from "../../../src/routing/index.ts";
import type {
  BackendEntry,
  Capability,
  Envelope,
  Prices,
  RouteEntry,
} from "../../../src/table/index.ts";
import {
  allWell,
  eject,
  backendEntry,
  byName,
  chatNeeds,
  pricedAt,
  routeEntry,
  standingClock,
  tenantEntry,
} from "./sample-entries.ts";

const regions = ["us-east-1", "eu-west-1", "ap-south-1"];
const classes = ["pii", "phi"];
const ids = ["a", "b", "c", "d", "e"];
const capabilities: Capability[] = ["Tools", "Vision", "JsonSchema", "Streaming"];

const some = (items: readonly string[]) => fc.subarray([...items]);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const prices: fc.Arbitrary<Prices> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 90 }))
    .map(([input, output]) => pricedAt(input, output)),
  fc.integer({ min: 1, max: 50_000_000 }).map((instanceHour) => ({ instanceHour })),
);

const changes: fc.Arbitrary<Partial<BackendEntry>> = fc.record({
  tier: fc.constantFrom("Small", "Medium", "Large", "Frontier"),
  prices,
  capabilities: fc.subarray(capabilities),
  processingRegions: maybe(some(regions)),
  dataClasses: some(classes),
  contextWindow: fc.constantFrom(50, 500, 200_000),
  maxOutputTokens: fc.constantFrom(64, 4_096),
  expectations: fc.record({
    firstTokenP95Ms: fc.integer({ min: 50, max: 5_000 }),
    tokensPerSecond: fc.integer({ min: 5, max: 300 }),
  }),
});

const envelope: fc.Arbitrary<Envelope> = fc.record(
  {
    firstTokenP95Ms: fc.integer({ min: 50, max: 5_000 }),
    totalP95Ms: fc.integer({ min: 500, max: 30_000 }),
    maxMicroUsd: fc.integer({ min: 1, max: 100_000 }),
  },
  { requiredKeys: [] },
);

const tenant = fc.option(
  fc
    .record({
      allowedBackends: maybe(some(ids)),
      residencyRegions: maybe(some(regions)),
      dataClasses: some(classes),
      envelope,
    })
    .map((rules) => tenantEntry(rules)),
  { nil: null },
);

const image = {
  role: "user" as const,
  content: [{ type: "image_url" as const, image_url: { url: "https://pictures.example/1.png" } }],
};
const needs = fc
  .record({
    stream: fc.boolean(),
    vision: fc.boolean(),
    text: fc.string({ maxLength: 2_000 }),
    maxTokens: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  })
  .map(({ stream, vision, text, maxTokens }) =>
    chatNeeds({
      stream,
      max_tokens: maxTokens,
      messages: [{ role: "user", content: text }, ...(vision ? [image] : [])],
    }),
  );

const situation: fc.Arbitrary<ChoiceInput> = fc
  .record({
    entries: fc.array(changes, { minLength: 1, maxLength: ids.length }),
    weights: fc.array(fc.nat(100), { minLength: ids.length, maxLength: ids.length }),
    selection: fc.constantFrom<RouteEntry["selection"]>(
      "CheapestWithinEnvelope",
      "Ordered",
      "Weighted",
    ),
    assurance: fc.constantFrom<"Certified" | "Estimated">("Certified", "Estimated"),
    floorPercent: fc.integer({ min: 50, max: 100 }),
    baseline: fc.nat(ids.length - 1),
    routeEnvelope: envelope,
    tenant,
    needs,
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    failing: some(ids),
    ejected: some(ids),
    full: some(ids),
  })
  .map(
    ({
      entries,
      weights,
      selection,
      assurance,
      floorPercent,
      baseline,
      routeEnvelope,
      failing,
      ejected,
      full,
      ...rest
    }) => {
      const backends = entries.map((entry, index) => backendEntry(ids[index] ?? "a", entry));
      const book = new LatencyBook(standingClock());
      for (const backend of backends)
        book.observe(backend, { route: "chat", ok: !failing.includes(backend.name) });
      const clock = standingClock();
      const health = new BackendHealth(clock, () => 0);
      for (const backend of backends) {
        if (ejected.includes(backend.name)) eject(backend, health);
      }
      const hasRoom = ({ name }: BackendEntry) => !full.includes(name);
      const route = routeEntry(backends, {
        selection,
        envelope: routeEnvelope,
        quality: { floorPercent, assurance },
        baseline: backends[baseline % backends.length]?.name ?? "a",
        candidates: backends.map(({ name }, index) => ({
          backend: name,
          weight: weights[index] ?? 1,
        })),
      });
      return { route, backends: byName(backends), book, health, hasRoom, ...rest };
    },
  );

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
          expect(estimates === undefined).toBe(dropped !== undefined);
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
        const judgement = estimateByTier(input.needs, input.route);
        const floor =
          (judgement.pCorrect(input.backends[input.route.baseline]!) *
            input.route.quality.floorPercent) /
          100;
        const admissible = choice.value.considered.filter(
          ({ inEnvelope, p }) => inEnvelope === true && (p ?? 0) >= floor,
        );
        expect(choice.value.reason === "cheapest").toBe(admissible.length > 0);
        if (admissible.length === 0) return;
        const costs = admissible.map(({ estimates }) => estimates?.costPicoUsd ?? Infinity);
        expect(choice.value.chain[0]?.estimates.costPicoUsd).toBe(Math.min(...costs));
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
      random: random(),
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
