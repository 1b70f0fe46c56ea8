import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { picoFromUsd, requestRecordSchema, type LedgerLine } from "../../../src/records/index.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { recordOf } from "../../../src/router/outcome.ts";
import type { Progress } from "../../../src/router/progress.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { backendEntry } from "../routing/sample-entries.ts";
import { attemptAt, usage } from "./attempts.ts";
import { stage } from "./stage.ts";

const broken = new ProviderError("stream_broken", "It broke");
const sent = { status: 200, bytesOut: 0, firstContentAt: null, errorCode: null };
const group = { namespace: "shop", routerClass: "default" };

/** The record of a request that made these attempts, and was answered from `serving`. */
function recorded(attempts: Attempt[], serving?: Attempt, more: Partial<Progress> = {}) {
  const { parts, routed } = stage({ a: {} });
  const progress: Progress = { ...routed, startedAt: 0, attempts, ...more };
  if (serving !== undefined) progress.attempt = serving;
  const record = recordOf({ progress, sent, endedAt: 2_000, clientGone: false }, group, parts);
  return { ...record, trace_id: "1", span_id: "1" };
}

const answered = attemptAt("a", { usage: usage(10, 5) });

describe("the ledger of a request", () => {
  it.each<[string, Attempt, LedgerLine["kind"], LedgerLine["basis"]]>([
    ["the answer", answered, "answer", "metered"],
    [
      "an answer that the provider did not count",
      attemptAt("a", { contentLength: 8 }),
      "answer",
      "estimated",
    ],
    ["a call that failed", attemptAt("a", { error: broken }), "failed", "none"],
    [
      "a call that was given up",
      attemptAt("a", { error: broken, cancelled: true }),
      "failed",
      "estimated",
    ],
    [
      "the attempt that a hedge beat",
      attemptAt("a", { superseded: true, cancelled: true }),
      "hedge_loser",
      "estimated",
    ],
    [
      "the attempt that the client left",
      attemptAt("a", { clientGone: true, cancelled: true }),
      "aborted",
      "estimated",
    ],
  ])("has a line for %s", (_what, attempt, kind, basis) => {
    const serving = attempt.error === null ? attempt : undefined;
    const { ledger } = recorded([attempt], serving);
    expect(ledger).toHaveLength(1);
    expect(ledger[0]).toMatchObject({ kind, basis, backend: "a", units: null });
  });

  it("tells a stream that broke while it was sent from one that another candidate made good", () => {
    const attempt = attemptAt("a", { error: broken, contentLength: 40, streaming: true });
    expect(recorded([attempt], attempt).ledger[0]).toMatchObject({ kind: "broken_stream" });
    expect(recorded([attempt, answered], answered).ledger.map(({ kind }) => kind)).toEqual([
      "failed",
      "answer",
    ]);
  });

  it("is empty where nothing was called", () => {
    const record = recorded([]);
    expect(record.ledger).toEqual([]);
    expect(record.cost_usd).toBe(0);
  });

  it("bills the guardrail of a backend by the text that goes in and comes out, estimated", () => {
    const target = {
      type: "Bedrock",
      modelId: "m",
      region: "us-east-1",
      guardrail: { id: "g", version: "1" },
    } as const;
    const prices = { ...answered.backend.prices, guardrailUnit: 150_000_000 };
    const guarded = attemptAt(backendEntry("g", { target, prices }), { usage: usage(251, 1) });
    const { ledger, cost_usd: cost } = recorded([guarded], guarded);
    // 1,004 characters are two units, and four are one.
    expect(ledger[1]).toMatchObject({
      kind: "guardrail",
      backend: "g",
      units: 3,
      cost_usd: 0.00045,
      basis: "estimated",
    });
    expect(picoFromUsd(cost)).toBe(251e6 + 5e6 + 450e6);
  });

  it("bills the units of a backend's guardrail that its trace tells", () => {
    const guardrail = { id: "g", version: "1" };
    const target = { type: "Bedrock", modelId: "m", region: "us-east-1", guardrail } as const;
    const prices = { ...answered.backend.prices, guardrailUnit: 150_000_000 };
    const guarded = attemptAt(backendEntry("g", { target, prices }), {
      usage: usage(251, 1),
      facts: { guardrailUnits: 2 },
    });
    expect(recorded([guarded], guarded).ledger[1]).toMatchObject({
      kind: "guardrail",
      units: 2,
      cost_usd: 0.0003,
      basis: "metered",
    });
  });

  it("bills a filter's guardrail at its own price, where it has one", () => {
    const guardrailCalls = [{ units: 4, estimated: false, unitPrice: 250_000_000 }];
    const { ledger } = recorded([], undefined, { guardrailCalls });
    expect(ledger).toMatchObject([{ backend: null, units: 4, cost_usd: 0.001, basis: "metered" }]);
  });

  it("bills the guardrails of filters at the price of the backend that served", () => {
    const prices = { ...answered.backend.prices, guardrailUnit: 150_000_000 };
    const attempt = attemptAt(backendEntry("a", { prices }), { usage: usage(1, 1) });
    const guardrailCalls = [
      { units: 4, estimated: false },
      { units: 1, estimated: true },
    ];
    const { ledger } = recorded([attempt], attempt, { guardrailCalls });
    expect(ledger.slice(1)).toEqual([
      {
        kind: "guardrail",
        backend: "a",
        tokens: null,
        units: 4,
        cost_usd: 0.0006,
        basis: "metered",
      },
      {
        kind: "guardrail",
        backend: "a",
        tokens: null,
        units: 1,
        cost_usd: 0.00015,
        basis: "estimated",
      },
    ]);
  });

  it("keeps the units of guardrails that have no price, at none", () => {
    const guardrailCalls = [{ units: 4, estimated: false }];
    const { ledger, cost_usd: cost } = recorded([], undefined, { guardrailCalls });
    expect(ledger).toMatchObject([{ kind: "guardrail", backend: null, units: 4, basis: "none" }]);
    expect(cost).toBe(0);
  });

  it("compares with a baseline that makes one call, so that a hedge is no saving", () => {
    const loser = attemptAt("a", { superseded: true, cancelled: true, usage: usage(1_000, 0) });
    const alone = recorded([answered], answered).baseline_cost_usd;
    expect(alone).not.toBeNull();
    expect(recorded([loser, answered], answered).baseline_cost_usd).toBe(alone);
  });

  const price = fc.nat({ max: 200_000_000 });
  const tokenPrices = fc.record(
    { input: price, output: price, cacheRead: price, cacheWrite5m: price, cacheWrite1h: price },
    { requiredKeys: ["input", "output"] },
  );
  const prices = fc.record(
    {
      tokens: tokenPrices,
      longContext: fc.record({ overTokens: fc.nat({ max: 100_000 }), tokens: tokenPrices }),
      guardrailUnit: fc.nat({ max: 1_000_000_000 }),
      instanceHour: fc.nat({ max: 100_000_000 }),
    },
    { requiredKeys: [] },
  );
  const tokens = fc.nat({ max: 200_000 });
  const used = fc.record({
    input: tokens,
    output: tokens,
    cacheRead: tokens,
    cacheWrite5m: tokens,
    cacheWrite1h: tokens,
    reasoning: tokens,
  });
  const backend: fc.Arbitrary<BackendEntry> = fc
    .record({ prices, guarded: fc.boolean(), max: fc.integer({ min: 1, max: 64 }) })
    .map(({ prices: own, guarded, max }) =>
      backendEntry("a", {
        prices: own,
        concurrency: { max, maxQueued: 0 },
        target: {
          type: "Bedrock",
          modelId: "m",
          region: "us-east-1",
          ...(guarded ? { guardrail: { id: "g", version: "1" } } : {}),
        },
      }),
    );
  const attempt = fc
    .record({
      backend,
      usage: fc.option(used, { nil: null }),
      error: fc.constantFrom(null, broken),
      cancelled: fc.boolean(),
      superseded: fc.boolean(),
      clientGone: fc.boolean(),
      sent: fc.boolean(),
      queuedMs: fc.nat({ max: 2_000 }),
      contentLength: fc.nat({ max: 100_000 }),
      endedAt: fc.double({ min: 1_000, max: 100_000, noNaN: true }),
    })
    .map(({ backend: at, ...changes }) => attemptAt(at, changes));
  const guardrailCalls = fc.array(
    fc.record({ units: fc.nat({ max: 1_000 }), estimated: fc.boolean() }),
    { maxLength: 3 },
  );

  it("adds up to what the request cost, to the last pico-USD, whatever happened", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 6 }), guardrailCalls, (attempts, calls) => {
        const record = recorded(attempts, attempts.at(-1), { guardrailCalls: calls });
        const sum = record.ledger.reduce((total, line) => total + picoFromUsd(line.cost_usd), 0);
        expect(sum).toBe(picoFromUsd(record.cost_usd));
        expect(record.ledger.length).toBeGreaterThanOrEqual(attempts.length + calls.length);
        for (const [index, { cost_usd: cost, tokens: counts }] of record.attempts.entries()) {
          expect(record.ledger[index]).toMatchObject({ cost_usd: cost, tokens: counts });
        }
        expect(requestRecordSchema.parse(record)).toEqual(record);
      }),
    );
  });
});
