import { describe, expect, test } from "vitest";

import {
  expectedCostPicoUsd,
  usualCost,
  costOf,
  estimate,
  LatencyBook,
  needsOf,
  ownGuardrailCost,
  ownGuardrailUnits,
} from "../../../src/routing/index.ts";
import type { BackendEntry, Prices } from "../../../src/table/index.ts";
import { backendEntry, chatNeeds, pricedAt, standingClock } from "./sample-entries.ts";

const none = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };
const all = {
  ...none,
  input: 1,
  cacheRead: 10,
  cacheWrite5m: 100,
  cacheWrite1h: 1_000,
  output: 10_000,
};
const usd = 1e12;

describe("what an attempt cost", () => {
  const plain = { input: 3, output: 15 };
  const cached = { ...plain, cacheRead: 1, cacheWrite5m: 4, cacheWrite1h: 6 };
  const long = { overTokens: 1_000, tokens: { input: 7, output: 11 } };
  const cases: [string, Parameters<typeof costOf>[0], Prices, number, number][] = [
    ["nothing costs nothing", none, { tokens: cached }, 60_000, 0],
    [
      "each kind of token has its own price",
      all,
      { tokens: cached },
      0,
      3 + 10 + 400 + 6_000 + 150_000,
    ],
    ["cached tokens without a price cost as input", all, { tokens: plain }, 0, 1_111 * 3 + 150_000],
    [
      "reasoning is a part of the output and not billed again",
      { ...none, output: 10, reasoning: 10 },
      { tokens: plain },
      0,
      150,
    ],
    [
      "at the mark of long context the usual prices hold",
      { ...none, input: 1_000 },
      { tokens: plain, longContext: long },
      0,
      3_000,
    ],
    [
      "over the mark the long ones hold for all tokens",
      { ...none, input: 1_001, output: 1 },
      { tokens: plain, longContext: long },
      0,
      7_018,
    ],
    [
      "cached tokens count towards the mark, at the long price of input",
      { ...none, input: 1, cacheRead: 1_000 },
      { tokens: cached, longContext: long },
      0,
      7_007,
    ],
    [
      "an hour of an instance costs its price",
      all,
      { instanceHour: 1_500_000 },
      3_600_000,
      1.5 * usd,
    ],
    ["its time is rounded to whole pico-USD", none, { instanceHour: 1 }, 1, 0],
    [
      "token prices come before the instance's time",
      { ...none, input: 2 },
      { tokens: plain, instanceHour: 9e6 },
      3_600_000,
      6,
    ],
    ["without any price nothing is known", all, {}, 60_000, 0],
  ];
  test.each(cases)("%s", (_name, usage, prices, durationMs, cost) => {
    expect(costOf(usage, { prices }, durationMs)).toBe(cost);
  });

  test("sums stay whole and exact for the longest context at the highest price", () => {
    const cost = costOf(
      { ...none, input: 10_000_000, output: 1_000_000 },
      { prices: pricedAt(60, 180) },
      0,
    );
    expect(cost).toBe(780 * usd);
    expect(Number.isSafeInteger(cost)).toBe(true);
  });
});

describe("what a backend's own guardrail costs", () => {
  const guarded = (changes: Partial<BackendEntry> = {}) =>
    backendEntry("guarded", {
      target: {
        type: "Bedrock",
        modelId: "m",
        region: "us-east-1",
        guardrail: { id: "g", version: "1" },
      },
      prices: { ...pricedAt(1, 5), guardrailUnit: 100 },
      ...changes,
    });

  test.each([
    ["a unit that is begun", { ...none, input: 1 }, 1],
    ["a whole unit", { ...none, input: 250 }, 1],
    ["a unit and what is over", { ...none, input: 251 }, 2],
    ["what goes in and what comes out apart", { ...none, input: 1, output: 1 }, 2],
    ["what the cache holds", { ...none, cacheRead: 250, cacheWrite5m: 250, cacheWrite1h: 250 }, 3],
    ["nothing for nothing", none, 0],
  ])("is %s", (_what, usage, units) => {
    expect(ownGuardrailUnits(guarded(), usage)).toBe(units);
    expect(ownGuardrailCost(guarded(), usage)).toBe(100 * units);
  });

  test("is nothing without a guardrail, without a price, or for embeddings", () => {
    const usage = { ...none, input: 1_000 };
    expect(ownGuardrailCost(backendEntry("plain"), usage)).toBe(0);
    expect(ownGuardrailCost(guarded({ prices: pricedAt(1, 5) }), usage)).toBe(0);
    expect(ownGuardrailCost(guarded({ capabilities: ["Embeddings"] }), usage)).toBe(0);
  });

  test("is a part of what a candidate and a baseline are taken to cost", () => {
    const book = new LatencyBook(standingClock());
    const needs = chatNeeds({ max_tokens: 100 });
    const bare = guarded({ prices: pricedAt(1, 5) });
    const dearer = estimate(guarded(), needs, "chat", book).costPicoUsd;
    expect(dearer - estimate(bare, needs, "chat", book).costPicoUsd).toBe(200);
    const usage = { ...none, input: 10, output: 10 };
    expect(usualCost(usage, guarded(), book) - usualCost(usage, bare, book)).toBe(200);
  });
});

describe("what the baseline would have cost", () => {
  const book = new LatencyBook(standingClock());

  test("is the same tokens at its prices", () => {
    const baseline = backendEntry("frontier", { prices: pricedAt(3, 15) });
    expect(usualCost({ ...none, input: 1_000, output: 200 }, baseline, book)).toBe(0.006 * usd);
  });

  test("is the time that it would probably have taken, where it is paid by the hour", () => {
    const prices = { instanceHour: 3_600_000_000 };
    const baseline = backendEntry("own", { prices });
    // 400 ms to the first token and 100 tokens a second; a USD a second.
    expect(usualCost({ ...none, output: 100 }, baseline, book)).toBeCloseTo(1.4 * usd, -3);
  });
});

describe("the estimate of a candidate", () => {
  const book = () => new LatencyBook(standingClock());

  test("bounds the answer by the route, the request and the backend", () => {
    const backend = backendEntry("medium");
    const outputOf = (needs: ReturnType<typeof chatNeeds>, maxOutputTokens = 8_192) =>
      estimate({ ...backend, maxOutputTokens }, needs, "chat", book()).outputTokens;
    expect(outputOf(chatNeeds())).toBe(512);
    expect(outputOf(chatNeeds({ max_tokens: 100 }))).toBe(100);
    expect(outputOf(chatNeeds({ max_tokens: 100_000 }))).toBe(512);
    expect(outputOf(chatNeeds(), 64)).toBe(64);
  });

  test("adds a long answer's time to the first token's", () => {
    const estimates = estimate(
      backendEntry("medium"),
      chatNeeds({ max_tokens: 200 }),
      "chat",
      book(),
    );
    expect(estimates.firstTokenP95Ms).toBe(800);
    expect(estimates.totalP95Ms).toBe(2_800);
  });

  test("prices input and a long answer", () => {
    const needs = chatNeeds({ max_tokens: 100 });
    const { costPicoUsd } = estimate(
      backendEntry("medium", { prices: pricedAt(1, 5) }),
      needs,
      "chat",
      book(),
    );
    expect(costPicoUsd).toBe(needs.inputTokens * 1e6 + 100 * 5e6);
  });

  test("takes the instance's time where nothing else is priced", () => {
    const backend = backendEntry("own", { prices: { instanceHour: 3_600_000_000 } });
    const { costPicoUsd } = estimate(backend, chatNeeds({ max_tokens: 200 }), "chat", book());
    expect(costPicoUsd).toBe(2.8 * usd);
  });

  test("of embeddings has no output", () => {
    const needs = needsOf({ model: "e", input: ["a".repeat(4_000)] });
    const estimates = estimate(
      backendEntry("embedder", { prices: pricedAt(1, 5) }),
      needs,
      "embed",
      book(),
    );
    expect(estimates).toMatchObject({ outputTokens: 0, totalP95Ms: 800, costPicoUsd: 1_000 * 1e6 });
  });

  test("takes a marked prefix for a write until reads have been seen", () => {
    const tokens = { input: 1_000, output: 0, cacheRead: 100, cacheWrite5m: 1_250 };
    const backend = backendEntry("caching", {
      prices: { tokens },
      capabilities: ["PromptCaching"],
    });
    const content = "a".repeat(39_984);
    const needs = chatNeeds({
      messages: [{ role: "user", content, cache_control: { type: "ephemeral" } }],
    });
    expect(needs.cacheableTokens).toBe(10_000);
    const seen = book();
    const costNow = () => estimate(backend, needs, "chat", seen).costPicoUsd;
    expect(costNow()).toBe(12_500_000);
    for (let index = 0; index < 1_000; index += 1) {
      seen.observe(backend, {
        route: "chat",
        ok: true,
        inputTokens: 10_000,
        cacheReadTokens: 10_000,
      });
    }
    expect(costNow()).toBeLessThan(1_100_000);
    const uncached = { ...backend, capabilities: [] };
    expect(estimate(uncached, needs, "chat", seen).costPicoUsd).toBe(10_000_000);
  });
});

describe("what a request is expected to cost", () => {
  const book = new LatencyBook(standingClock());
  const backend = backendEntry("priced", { prices: pricedAt(1, 5), maxOutputTokens: 1_000 });
  const expected = (
    changes: Partial<BackendEntry>,
    request: Parameters<typeof chatNeeds>[0],
    tokens: number,
  ) => expectedCostPicoUsd({ ...backend, ...changes }, chatNeeds(request), tokens, book);

  test("is for an answer of the expected length, bounded by request and backend", () => {
    const input = chatNeeds().inputTokens * 1e6;
    expect(expected({}, {}, 40)).toBe(input + 40 * 5e6);
    expect(expected({}, { max_tokens: 30 }, 40)).toBe(input + 30 * 5e6);
    expect(expected({}, {}, 4_000)).toBe(input + 1_000 * 5e6);
    expect(expected({}, {}, 4_000)).toBe(expected({}, {}, 1_000));
  });

  test("is whole pico-USD, though an expected length need not be", () => {
    expect(expected({ prices: pricedAt(1, 3) }, {}, 0.123_456_789)).toBe(
      Math.round(chatNeeds().inputTokens * 1e6 + 0.123_456_789 * 3e6),
    );
  });

  test("is a share of the instance's time for as long as the answer usually takes", () => {
    const hourly = {
      prices: { instanceHour: 3_600_000_000 },
      expectations: { firstTokenP95Ms: 1_000, tokensPerSecond: 100 },
    };
    // Half a second to the first token, then a second.
    expect(expected(hourly, {}, 100)).toBeCloseTo(1.5 * usd, -3);
  });
});
