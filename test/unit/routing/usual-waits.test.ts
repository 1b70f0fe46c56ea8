import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hedgeDelayMs,
  LatencyBook,
  patienceMs,
  type Prospect,
} from "../../../src/routing/index.ts";
import { bucketGrowth, DecayingHistogram } from "../../../src/routing/decaying-histogram.ts";
import { normalDeviate, usualQuantile } from "../../../src/routing/usual-quantile.ts";
import { backendEntry, chatNeeds, standingClock } from "./sample-entries.ts";

/** A log-normal quantity, evenly over its quantiles: what would be drawn, without the luck of the draw. */
function logNormal(median: number, spread: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const share = (index + 0.5) / count;
    const deviate = share < 0.5 ? -normalDeviate(1 - share) : normalDeviate(share);
    return median * Math.exp(spread * deviate);
  });
}

function histogramOf(values: readonly number[]): DecayingHistogram {
  const histogram = new DecayingHistogram({ lowest: 1, halfLifeMs: 300_000 });
  for (const value of values) histogram.observe(value, 0);
  return histogram;
}

/** The true quantile of a log-normal quantity. */
const quantileOf = (median: number, spread: number, share: number) =>
  median * Math.exp(spread * normalDeviate(share));

const median = fc.double({ min: 20, max: 2_000, noNaN: true });
const spread = fc.double({ min: 0.1, max: 0.8, noNaN: true });
const share = fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.99);

describe("the usual quantile", () => {
  it.each([
    [0.5, 0],
    [0.75, 0.6745],
    [0.95, 1.6449],
    [0.99, 2.3263],
  ])("knows the normal deviate of %d", (of, expected) => {
    expect(Math.abs(normalDeviate(of) - expected)).toBeLessThan(0.001);
  });

  it("is the quantile itself where nothing is odd", () => {
    fc.assert(
      fc.property(median, spread, share, (middle, wide, of) => {
        const usual = usualQuantile(histogramOf(logNormal(middle, wide, 400)), of) ?? 0;
        const ratio = usual / quantileOf(middle, wide, of);
        // Buckets are a tenth wide, and errors of the quartiles grow with the distance.
        expect(ratio).toBeGreaterThan(0.7);
        expect(ratio).toBeLessThan(1.45);
      }),
    );
  });

  it("stays among the usual waits while up to a tenth of the calls take five seconds more", () => {
    const odd = fc.double({ min: 0, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 800, noNaN: true }),
        spread,
        odd,
        (middle, wide, part) => {
          const values = logNormal(middle, wide, 500);
          const every = part === 0 ? Infinity : Math.round(1 / part);
          const polluted = values.map((value, index) => value + (index % every === 0 ? 5_000 : 0));
          const usual = usualQuantile(histogramOf(polluted), 0.95) ?? Infinity;
          // A tenth that is odd moves the P95 to the P98.5; each quartile is off by half a bucket, and
          // what is drawn from both by three whole ones.
          expect(usual).toBeLessThan(quantileOf(middle, wide, 0.99) * bucketGrowth ** 3);
          expect(usual).toBeGreaterThan(quantileOf(middle, wide, 0.85) * 0.9);
        },
      ),
    );
  });

  it("is never above what was measured, but for the width of a bucket", () => {
    const values = fc.array(fc.double({ min: 1, max: 100_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, share, (seen, of) => {
        const histogram = histogramOf(seen);
        const measured = histogram.quantile(of) ?? 0;
        expect(usualQuantile(histogram, of)).toBeLessThanOrEqual(measured * 1.05);
      }),
    );
  });

  it("leaves almost nobody outside where all take the same", () => {
    expect(usualQuantile(histogramOf(Array.from({ length: 50 }, () => 207)), 0.95)).toBeGreaterThan(
      207,
    );
  });
});

describe("a wait that was given up", () => {
  it("early says nothing: the quantiles stay where they are", () => {
    const histogram = histogramOf(logNormal(300, 0.4, 400));
    const before = [0.25, 0.5, 0.95].map((of) => histogram.quantile(of));
    for (let loser = 0; loser < 60; loser += 1) histogram.observeAtLeast(5, 0);
    const after = [0.25, 0.5, 0.95].map((of) => histogram.quantile(of) ?? 0);
    for (const [index, value] of after.entries()) {
      expect(Math.abs(Math.log(value / (before[index] ?? 0)))).toBeLessThan(0.2);
    }
  });

  it("late makes the tail longer, and is no shorter than it was borne", () => {
    const histogram = histogramOf(logNormal(300, 0.4, 100));
    for (let loser = 0; loser < 20; loser += 1) histogram.observeAtLeast(4_000, 0);
    expect(histogram.quantile(0.95)).toBeGreaterThan(3_700);
  });

  it("is all there is where nothing else has been seen", () => {
    const histogram = histogramOf([]);
    histogram.observeAtLeast(500, 0);
    expect(histogram.quantile(0.5)).toBeGreaterThan(450);
  });
});

const backend = backendEntry("a", {
  timeouts: { connectMs: 1_000, firstTokenMs: 8_000, idleMs: 10_000, totalMs: 60_000 },
});
const estimates = {
  firstTokenP95Ms: 800,
  totalP95Ms: 6_000,
  costPicoUsd: 0,
  inputTokens: 10,
  outputTokens: 512,
};

function prospect(changes: Partial<Prospect> = {}): Prospect {
  return { backend, route: "chat", streaming: true, needs: chatNeeds(), estimates, ...changes };
}

function bookOf(values: readonly number[], streaming = true): LatencyBook {
  const book = new LatencyBook(standingClock());
  for (const ms of values) {
    const seen = streaming ? { firstTokenMs: ms, totalMs: ms } : { wholeMs: ms, totalMs: ms };
    book.observe(backend, { route: "chat", ok: true, ...seen });
  }
  return book;
}

describe("the delay of a hedge", () => {
  it("is what the backend declares before any traffic", () => {
    const book = bookOf([]);
    expect(hedgeDelayMs(prospect(), 95, book)).toBeCloseTo(800, 0);
    expect(hedgeDelayMs(prospect(), 50, book)).toBeCloseTo(400, 0);
    expect(hedgeDelayMs(prospect({ streaming: false }), 95, book)).toBeCloseTo(6_000, 0);
  });

  it.each([true, false])("moves to what is usual (stream: %s)", (streaming) => {
    const values = logNormal(100, 0.3, 2_000);
    const polluted = values.map((value, index) => value + (index % 10 === 0 ? 5_000 : 0));
    const delay = hedgeDelayMs(prospect({ streaming }), 95, bookOf(polluted, streaming));
    expect(delay).toBeGreaterThan(140);
    expect(delay).toBeLessThan(260);
  });

  it("gives a long prompt the time to be read", () => {
    const needs = { ...chatNeeds(), inputTokens: 54_000 };
    const book = bookOf(logNormal(100, 0.3, 1_000));
    const more = hedgeDelayMs(prospect({ needs }), 95, book) - hedgeDelayMs(prospect(), 95, book);
    expect(more).toBeCloseTo(10_000, 0);
  });
});

describe("the patience with an attempt that another candidate stands by for", () => {
  it("is what is declared before any traffic, and tightens as samples come in", () => {
    const bounds = [0, 5, 20, 100, 1_000].map((count) =>
      patienceMs(prospect(), bookOf(logNormal(200, 0.3, count))),
    );
    expect(bounds[0]).toBe(8_000);
    expect(bounds).toEqual(bounds.toSorted((left, right) => right - left));
    expect(bounds[4]).toBeLessThan(2_000);
  });

  it("never falls below a second, nor rises above what is declared", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 100_000, noNaN: true }), { maxLength: 200 }),
        fc.boolean(),
        (values, streaming) => {
          const bound = patienceMs(prospect({ streaming }), bookOf(values, streaming));
          expect(bound).toBeGreaterThanOrEqual(streaming ? 1_000 : 2_000);
          expect(bound).toBeLessThanOrEqual(streaming ? 8_000 : 60_000);
        },
      ),
    );
  });

  it("cuts none of the usual traffic, however it is spread and whether or not it is polluted", () => {
    fc.assert(
      fc.property(median, spread, fc.boolean(), (middle, wide, isPolluted) => {
        const values = logNormal(middle, wide, 400);
        const seen = values.map((value, index) =>
          isPolluted && index % 10 === 0 ? value + 5_000 : value,
        );
        const bound = patienceMs(prospect(), bookOf(seen));
        const cut = values.filter((value) => value < 8_000 && value > bound);
        expect(cut.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it("with whole answers grows as soon as one in a hundred is cut: a long answer is no fault", () => {
    const book = bookOf(logNormal(1_000, 0.3, 1_000), false);
    const before = patienceMs(prospect({ streaming: false }), book);
    for (let cut = 0; cut < 30; cut += 1)
      book.observeWait(backend, { route: "chat", wholeMs: before });
    expect(patienceMs(prospect({ streaming: false }), book)).toBeGreaterThan(before * 2);
  });

  it("is each route's own with whole answers", () => {
    const book = bookOf(logNormal(1_000, 0.3, 1_000), false);
    expect(patienceMs(prospect({ streaming: false, route: "reports" }), book)).toBe(60_000);
  });
});
