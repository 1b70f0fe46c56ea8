// Tables, tenants and requests at random, for what must hold of every choice.
import * as fc from "fast-check";
import { BackendHealth, LatencyBook, type ChoiceInput } from "../../../src/routing/index.ts";
import type {
  BackendEntry,
  Capability,
  Envelope,
  Prices,
  RouteEntry,
} from "../../../src/table/index.ts";
import {
  backendEntry,
  byName,
  chatNeeds,
  eject,
  judging,
  plainDraws,
  planEntryOf,
  planOf,
  certificateOf,
  pricedAt,
  routeEntry,
  standingClock,
  tenantEntry,
} from "./sample-entries.ts";

const regions = ["us-east-1", "eu-west-1", "ap-south-1"];
const classes = ["pii", "phi"];
export const ids = ["a", "b", "c", "d", "e"];
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

/** A route with its backends, a tenant and a request, as they may come; some backends fail, are ejected or full. */
export const situation: fc.Arbitrary<ChoiceInput> = fc
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
    weight: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
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
      weight,
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
      const draws = { ...plainDraws, weight };
      return { route, backends: byName(backends), book, health, hasRoom, draws, now: 0, ...rest };
    },
  );

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** The same with a classifier that knows every request, and a live plan of some of the candidates. */
export const plannedSituation: fc.Arbitrary<ChoiceInput> = fc
  .record({
    input: situation,
    correct: fc.array(share, { minLength: ids.length, maxLength: ids.length }),
    tokens: fc.integer({ min: 1, max: 2_000 }),
    lambda: fc.double({ min: 0, max: 1e5, noNaN: true }),
    allowed: some(ids),
    handicaps: fc.array(fc.constantFrom(0, 0, 0.1, 0.5), {
      minLength: ids.length,
      maxLength: ids.length,
    }),
    spent: some(ids),
    own: fc.boolean(),
  })
  .map(({ input, correct, tokens, lambda, allowed, handicaps, spent, own }) => {
    const { route } = input;
    const entries = Object.values(input.backends);
    const among = entries.filter(({ name }) => allowed.includes(name));
    const quality = { ...route.quality, floorPercent: 90 };
    const plan = planOf(among.length > 0 ? among : entries, {
      lambda,
      handicaps: Object.fromEntries(ids.map((id, place) => [id, handicaps[place] ?? 0])),
      certificate: certificateOf({ baseline: route.baseline }),
    });
    return {
      ...input,
      route: { ...route, selection: "CheapestWithinEnvelope" as const, quality },
      estimator: judging(Object.fromEntries(ids.map((id, place) => [id, correct[place] ?? 0])), {
        tokens,
      }),
      plan: planEntryOf(plan, { tenant: own ? "acme" : null }),
      hasShare: ({ name }: BackendEntry) => !spent.includes(name),
    };
  });
