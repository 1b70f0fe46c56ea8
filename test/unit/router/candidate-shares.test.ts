import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CandidateShares } from "../../../src/router/candidate-shares.ts";
import { backendEntry, routeEntry, standingClock } from "../routing/sample-entries.ts";

const bounded = backendEntry("bounded");
const free = backendEntry("free");

function routeWith(maxSharePercent: number | undefined) {
  return routeEntry([bounded, free], {
    candidates: [
      {
        backend: "bounded",
        weight: 1,
        ...(maxSharePercent === undefined ? {} : { maxSharePercent }),
      },
      { backend: "free", weight: 1 },
    ],
  });
}

/** Sends requests of which each wants the bounded one, and counts how often it serves. */
function served(shares: CandidateShares, percent: number, wants: readonly boolean[]): number[] {
  const route = routeWith(percent);
  let count = 0;
  return wants.map((want) => {
    shares.noteRequest(route);
    if (want && shares.has(route, bounded)) {
      shares.spend(route, bounded);
      count += 1;
    }
    return count;
  });
}

describe("a candidate's share of its route's requests", () => {
  it("is never exceeded, from the first request on, nor within any later stretch by more than a burst", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 400 }),
        (percent, wants) => {
          const counts = served(new CandidateShares(standingClock()), percent, wants);
          for (const [index, count] of counts.entries())
            expect(count * 100).toBeLessThanOrEqual(percent * (index + 1));
          const burst = Math.max(1, percent);
          for (let from = 0; from < counts.length; from += 7) {
            const stretch = counts.length - 1 - from;
            const within = (counts.at(-1) ?? 0) - (counts[from] ?? 0);
            expect(within).toBeLessThanOrEqual(burst + (stretch * percent) / 100);
          }
        },
      ),
    );
  });

  it("is used up by who always wants it", () => {
    const counts = served(
      new CandidateShares(standingClock()),
      25,
      Array.from({ length: 400 }, () => true),
    );
    expect(counts.at(-1)).toBe(100);
  });

  it("is owed by who served for want of any other", () => {
    const shares = new CandidateShares(standingClock());
    const route = routeWith(50);
    shares.noteRequest(route);
    for (let over = 0; over < 3; over += 1) shares.spend(route, bounded);
    // Owes three, and earned a half.
    served(shares, 50, [false, false, false, false, false, false]);
    expect(shares.has(route, bounded)).toBe(false);
    served(shares, 50, [false]);
    expect(shares.has(route, bounded)).toBe(true);
  });

  it("comes back where another serves instead", () => {
    const shares = new CandidateShares(standingClock());
    const route = routeWith(100);
    shares.noteRequest(route);
    shares.spend(route, bounded);
    expect(shares.has(route, bounded)).toBe(false);
    shares.giveBack(route, bounded);
    expect(shares.has(route, bounded)).toBe(true);
  });

  it("is no matter where nobody bounded it, or nobody does any more", () => {
    const shares = new CandidateShares(standingClock());
    const route = routeWith(1);
    shares.noteRequest(route);
    expect(shares.has(route, bounded)).toBe(false);
    expect(shares.has(route, free)).toBe(true);
    shares.retain({ routes: { chat: routeWith(undefined) } });
    expect(shares.has(route, bounded)).toBe(true);
  });
});
