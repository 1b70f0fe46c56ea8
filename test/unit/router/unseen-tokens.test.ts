import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/index.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { unseenTokens } from "../../../src/router/unseen-tokens.ts";
import { estimate, LatencyBook } from "../../../src/routing/index.ts";
import { backendEntry, chatNeeds } from "../routing/sample-entries.ts";
import { attemptAt, usage } from "./attempts.ts";

// Half of its first tokens come well within a second, as long as nothing else has been seen.
const expectations = { firstTokenP95Ms: 1_000, tokensPerSecond: 100 };
const backend = backendEntry("a", { expectations });
const startedAt = 1_000;

function unseenOf(changes: Partial<Attempt>, maxOutputTokens = 300): number {
  const book = new LatencyBook(systemClock);
  const estimates = estimate(backend, { ...chatNeeds(), maxOutputTokens }, "route", book);
  return unseenTokens(attemptAt(backend, { cancelled: true, ...changes }), { estimates }, book);
}

const cancelledAfter = (ms: number, changes: Partial<Attempt> = {}): number =>
  unseenOf({ startedAt, endedAt: startedAt + ms, ...changes });

describe("what nobody has seen of a whole answer", () => {
  it("grows with the time for which its call was under way, by the backend's pace", () => {
    const early = cancelledAfter(1_500);
    expect(early).toBeGreaterThan(0);
    expect(cancelledAfter(2_500) - early).toBe(100);
  });

  it("is no more than is expected of an answer, however long a backend hangs", () => {
    expect(cancelledAfter(600_000)).toBe(300);
  });

  it.each<[string, Partial<Attempt>]>([
    ["of a stream, which has shown what there was", { streaming: true }],
    ["of a call that ended by itself", { cancelled: false }],
    ["of what never came to a call", { sent: false }],
    ["where the provider has told the usage", { usage: usage(5, 7) }],
    ["of the time that was spent in the router's own queue", { queuedMs: 5_000 }],
  ])("is nothing %s", (_what, changes) => {
    expect(cancelledAfter(5_000, changes)).toBe(0);
  });

  it("is nothing before the first token was due", () => {
    expect(cancelledAfter(10)).toBe(0);
  });
});
