import { describe, expect, it } from "vitest";
import { accountOf, sumUsage } from "../../../src/router/attempt-account.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { ProviderError } from "../../../src/providers/index.ts";
import { backendEntry, chatNeeds, pricedAt } from "../routing/sample-entries.ts";
import { attemptAt, usage } from "./attempts.ts";

// One dollar per million of input tokens, ten per million of output: pico-USD a token, times 1e6.
const backend = backendEntry("a", { prices: pricedAt(1, 10) });
const needs = { ...chatNeeds(), inputTokens: 50 };
const error = new ProviderError("stream_broken", "It broke");

describe("the account of an attempt", () => {
  it.each<[string, Partial<Attempt>, ReturnType<typeof usage> | null, string]>([
    ["takes the provider's word", { usage: usage(7, 3) }, usage(7, 3), "provider"],
    [
      "takes the provider's word of a failed attempt too",
      { usage: usage(7, 3), error },
      usage(7, 3),
      "provider",
    ],
    [
      "takes the provider's word of one that the client left",
      { usage: usage(7, 3), clientGone: true },
      usage(7, 3),
      "provider",
    ],
    [
      "estimates an answer without usage from its length",
      { contentLength: 9 },
      usage(50, 3),
      "estimated",
    ],
    [
      "estimates a stream that broke after content",
      { streaming: true, contentLength: 8, error },
      usage(50, 2),
      "estimated",
    ],
    [
      "estimates a stream that the client left",
      { streaming: true, contentLength: 4, clientGone: true },
      usage(50, 1),
      "estimated",
    ],
    [
      "estimates the input of a stream that the client left before content",
      { streaming: true, clientGone: true },
      usage(50, 0),
      "estimated",
    ],
    ["charges nothing for a call that failed by itself before content", { error }, null, "none"],
    [
      "charges nothing for what was beaten before it came to a call",
      { sent: false, superseded: true, queuedMs: null },
      null,
      "none",
    ],
    [
      "charges nothing where the client left before the call",
      { sent: false, clientGone: true, cancelled: true },
      null,
      "none",
    ],
    [
      "estimates the input of a whole answer that the client did not wait for",
      { clientGone: true, cancelled: true },
      usage(50, 0),
      "estimated",
    ],
    [
      "estimates the input of a call that another attempt beat",
      { superseded: true, cancelled: true },
      usage(50, 0),
      "estimated",
    ],
    [
      "estimates the input of a call that was given up as too slow",
      { error: new ProviderError("slow_first_token", "Slow"), cancelled: true },
      usage(50, 0),
      "estimated",
    ],
    ["estimates an empty answer as its input", {}, usage(50, 0), "estimated"],
  ])("%s", (_what, changes, expected, source) => {
    const account = accountOf(attemptAt(backend, changes), needs);
    expect(account.usage).toEqual(expected);
    expect(account.source).toBe(source);
    const { input, output } = expected ?? usage(0, 0);
    expect(account.costPicoUsd).toBe((input + 10 * output) * 1e6);
  });

  it.each<[string, Partial<Attempt>, string]>([
    ["metered where the provider counted", { usage: usage(7, 3) }, "metered"],
    ["estimated where it never came to it", { contentLength: 9 }, "estimated"],
    ["none where nothing was used", { error }, "none"],
  ])("says that its basis is %s", (_what, changes, basis) => {
    expect(accountOf(attemptAt(backend, changes), needs).basis).toBe(basis);
  });

  it("says that nothing is known where the backend has no price", () => {
    const unpriced = backendEntry("own", { prices: {} });
    expect(accountOf(attemptAt(unpriced, { usage: usage(1, 1) }), needs)).toMatchObject({
      basis: "none",
      costPicoUsd: 0,
      usage: usage(1, 1),
    });
  });
});

describe("an attempt on an instance that is paid by the hour", () => {
  // 3,600 USD an hour is one USD a second.
  const prices = { instanceHour: 3_600_000_000 };
  const hourly = backendEntry("own", { prices });
  const usd = 1e12;

  it.each<[string, Partial<Attempt>, number]>([
    ["by its time, whatever it used", { usage: usage(1, 1), endedAt: 3_000 }, 2 * usd],
    [
      "by the time it held its place, and not by its wait in the queue",
      { usage: usage(1, 1), endedAt: 3_000, queuedMs: 500 },
      1.5 * usd,
    ],
    ["where we left it, too", { cancelled: true, clientGone: true, endedAt: 2_000 }, usd],
    ["not at all where it failed by itself", { error, endedAt: 2_000 }, 0],
    [
      "not at all where it left the queue uncalled",
      { error, endedAt: 9_000, queuedMs: null, sent: false },
      0,
    ],
    ["not at all where it found no place", { error, endedAt: 1_001, sent: false }, 0],
  ])("is charged %s", (_what, changes, cost) => {
    const account = accountOf(attemptAt(hourly, changes), needs);
    expect(account.costPicoUsd).toBe(cost);
    expect(account.basis).toBe(cost === 0 ? "none" : "allocated");
  });

  it("shares it with as many as the instance bears, so that a full one adds up to its price", () => {
    const shared = backendEntry("own", { prices, concurrency: { max: 8, maxQueued: 0 } });
    const one = accountOf(attemptAt(shared, { usage: usage(1, 1), endedAt: 2_000 }), needs);
    expect(8 * one.costPicoUsd).toBe(usd);
  });
});

describe("the sum of accounts", () => {
  const entry = (used: ReturnType<typeof usage> | null) =>
    ({ usage: used, source: "provider", basis: "metered", costPicoUsd: 0 }) as const;

  it("adds every count and passes over what used nothing", () => {
    const one = {
      input: 1,
      output: 2,
      cacheRead: 3,
      cacheWrite5m: 4,
      cacheWrite1h: 5,
      reasoning: 6,
    };
    const twice = {
      input: 2,
      output: 4,
      cacheRead: 6,
      cacheWrite5m: 8,
      cacheWrite1h: 10,
      reasoning: 12,
    };
    expect(sumUsage([entry(one), entry(null), entry(one)])).toEqual(twice);
    expect(one.input).toBe(1);
  });

  it("is null where nothing used anything", () => {
    expect(sumUsage([])).toBeNull();
    expect(sumUsage([entry(null)])).toBeNull();
  });
});
