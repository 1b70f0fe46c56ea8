import { describe, expect, it } from "vitest";
import { attemptBound } from "../../../src/router/attempt-bound.ts";
import { LatencyBook, type Estimates, type Prospect } from "../../../src/routing/index.ts";
import { backendEntry, chatNeeds, standingClock } from "../routing/sample-entries.ts";

const backend = backendEntry("a", {
  timeouts: { connectMs: 1_000, firstTokenMs: 8_000, idleMs: 10_000, totalMs: 60_000 },
});
const believed = (firstTokenP95Ms: number, totalP95Ms: number): Estimates => ({
  firstTokenP95Ms,
  totalP95Ms,
  costPicoUsd: 0,
  inputTokens: 10,
  outputTokens: 512,
});
const standby = believed(500, 5_000);

function prospect(streaming: boolean, estimates = believed(800, 6_000)): Prospect {
  return { backend, route: "chat", streaming, needs: chatNeeds(), estimates };
}

/** A backend that has been quick a thousand times. */
function quickBook(): LatencyBook {
  const book = new LatencyBook(standingClock());
  const sample = { route: "chat", ok: true, firstTokenMs: 100, totalMs: 400, wholeMs: 400 };
  for (let call = 0; call < 1_000; call += 1) book.observe(backend, sample);
  return book;
}

describe("how long an attempt may take", () => {
  it.each<[string, boolean, number, number, RegExp]>([
    ["the last candidate's stream: as declared", true, 50_000, 8_000, /within 8000 ms$/],
    ["the last candidate's answer: as declared", false, 70_000, 60_000, /within 60000 ms$/],
    ["the last candidate's: what the route leaves", true, 3_000, 3_000, /route's total/],
    ["the last candidate's answer: what the route leaves", false, 50_000, 50_000, /route's/],
  ])("%s", (_what, streaming, remaining, ms, message) => {
    const bound = attemptBound(prospect(streaming), undefined, remaining, quickBook());
    expect(bound.ms).toBe(ms);
    expect(bound.passed().message).toMatch(message);
  });

  it.each([
    [true, 1_000, 1_100, "slow_first_token", /^No content came within \d+ ms, long .* 8000 ms/],
    [false, 2_000, 2_200, "timeout", /^No answer came within \d+ ms, long .* 60000 ms/],
  ])(
    "is short for a backend that is usually quick, where another stands by (stream: %s)",
    (streaming, least, most, code, message) => {
      const bound = attemptBound(prospect(streaming), standby, 50_000, quickBook());
      expect(bound.ms).toBeGreaterThanOrEqual(least);
      expect(bound.ms).toBeLessThan(most);
      expect(bound.passed()).toMatchObject({
        code,
        message: expect.stringMatching(message),
        counts: true,
        details: { early: true },
      });
    },
  );

  it.each<[string, number, number, number]>([
    ["leaves the other the time that it probably needs", 5_000, 50_000, 45_000],
    ["leaves it no more than half", 40_000, 50_000, 25_000],
    ["leaves it nothing where there is not enough for one", 5_000, 5_000, 5_000],
    ["leaves it what is over where there is enough for one", 5_000, 7_000, 6_000],
  ])(
    "where a whole answer could take all of the route's time, %s",
    (_what, need, remaining, ms) => {
      const book = new LatencyBook(standingClock());
      const bound = attemptBound(prospect(false), believed(500, need), remaining, book);
      expect(bound.ms).toBe(ms);
      expect(bound.passed()).toMatchObject({ code: "timeout", fallback: "Timeout" });
    },
  );
});
