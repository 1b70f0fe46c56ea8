import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { noteInBook } from "../../../src/router/learn.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { LatencyBook } from "../../../src/routing/index.ts";
import { backendEntry, standingClock } from "../routing/sample-entries.ts";
import { attemptAt, usage } from "./attempts.ts";

const backend = backendEntry("a");

/** What a book believes after twenty such attempts, whose calls took 400 ms. */
function learnt(changes: Partial<Attempt>, queuedMs: number | null) {
  const book = new LatencyBook(standingClock());
  const waitedMs = queuedMs ?? 10_000;
  const { firstTokenMs: given = null } = changes;
  const firstTokenMs = given === null ? null : given + waitedMs;
  const endedAt = 1_000 + waitedMs + 400;
  const attempt = attemptAt(backend, { ...changes, firstTokenMs, endedAt, queuedMs });
  for (let times = 0; times < 20; times += 1) noteInBook(attempt, "chat", book);
  const { values: firsts } = book.firstTokens("a");
  const { values: wholes } = book.wholes("a", "chat");
  return {
    firstTokenMs: [firsts?.quantile(0.5), firsts?.quantile(0.99)],
    wholeMs: [wholes?.quantile(0.5), wholes?.quantile(0.99)],
    tokensPerSecond: book.tokensPerSecond(backend),
    failureShare: book.failureShare("a"),
  };
}

const error = new ProviderError("timeout", "It took too long");
const gaveUp = { cancelled: true, error } as const;
const answered = { usage: usage(10, 50) } as const;

describe("what the book learns of a backend", () => {
  it.each<[string, Partial<Attempt>]>([
    ["a stream's answer", { ...answered, streaming: true, firstTokenMs: 100 }],
    ["a whole answer", answered],
    ["a stream that another attempt beat", { streaming: true, superseded: true, cancelled: true }],
    ["a whole answer that another attempt beat", { superseded: true, cancelled: true }],
    ["a stream that was left", { ...gaveUp, streaming: true }],
    ["a whole answer that was left", gaveUp],
  ])("by %s is the same however long that waited in our own queue", (_, changes) => {
    const { failureShare, ...times } = learnt(changes, 0);
    expect(learnt(changes, 300)).toEqual({ ...times, failureShare });
    expect(learnt(changes, 10_000)).toMatchObject(times);
  });

  it("is no failure where a bound passed that our own queue had used up for the most part", () => {
    expect(learnt(gaveUp, 300).failureShare).toBeGreaterThan(0);
    expect(learnt(gaveUp, 500).failureShare).toBe(0);
  });

  it("is nothing at all where the attempt was beaten in the queue, before its call", () => {
    const beaten = { streaming: true, superseded: true, cancelled: true } as const;
    expect(learnt(beaten, null).firstTokenMs).toEqual([undefined, undefined]);
  });
});
