import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classicBounds, drawHistogram, exponentialBounds } from "../../../scripts/drift/draw.ts";
import { day, drawSeries, key, usualDays, usualWorld } from "../../../scripts/drift/world.ts";
import type { DistributionSeries, Histogram, SeriesFinding } from "../../../src/drift/index.ts";
import { seededRandom } from "../../../src/lib/index.ts";
import { readDriftReport } from "../../../src/table/index.ts";
import { latencyOf, lookAt, lookAtOne, newestDay, windows } from "./look-world.ts";

const worldOf = (seed: number, given: Partial<typeof usualWorld> = {}): DistributionSeries =>
  drawSeries({ ...usualWorld, ...given }, seededRandom(seed));

const scaled = ({ bounds, counts, sum }: Histogram, factor: number): Histogram => ({
  bounds: bounds.map((bound) => bound * factor),
  counts,
  sum: sum * factor,
});

/** As a store of native histograms gives them: only what holds something has bounds. */
function withoutEmpty(histogram: Histogram | null): Histogram | null {
  if (histogram === null) return null;
  const bounds: number[] = [];
  const counts: number[] = [];
  for (const [index, count] of histogram.counts.entries()) {
    const [from, to] = [histogram.bounds[index - 1], histogram.bounds[index]];
    if (count === 0 || from === undefined || to === undefined) continue;
    if (from > (bounds.at(-1) ?? 0)) {
      bounds.push(from);
      counts.push(0);
    }
    bounds.push(to);
    counts.push(count);
  }
  return { bounds, counts: [...counts, 0], sum: histogram.sum };
}

const firstDays = (series: DistributionSeries, known: number): DistributionSeries => ({
  ...series,
  windows: series.windows.map((one, index) => (index >= usualDays - known ? one : null)),
});

describe("a look at latency", () => {
  it("calls drift what is a quarter slower, says by how much, since when, and in words", () => {
    const finding = lookAtOne({ distributions: [worldOf(1, { factor: 1.25 })] });
    expect(finding).toMatchObject({
      state: "drifted",
      direction: "up",
      changedAt: newestDay - 2 * day,
    });
    expect(finding.score).toBeGreaterThan(0.18);
    expect(finding.score).toBeLessThan(0.32);
    expect(finding.threshold).toBeGreaterThanOrEqual(0.08 - 1e-9);
    expect(finding.sentence).toMatch(
      /^The latency of large on assistant has changed since 2024-\d\d-\d\d 00:00 UTC: .* up by 2\d %/,
    );
  });

  it("finds one request in twenty that takes four times as long, in the tail", () => {
    const finding = lookAtOne({ distributions: [worldOf(2, { n: 3_000, slowShare: 0.05 })] });
    expect(finding).toMatchObject({ state: "drifted", statistic: "p95", direction: "up" });
  });

  it("calls what is a third faster a change downwards, though nothing hurts", () => {
    const finding = lookAtOne({ distributions: [worldOf(3, { factor: 0.66 })] });
    expect(finding).toMatchObject({ state: "drifted", statistic: "distance", direction: "down" });
  });

  it("wants two of three days: one slow day is none, the second is", () => {
    expect(lookAtOne({ distributions: [worldOf(4, { factor: 1.4, changedDays: 1 })] }).state).toBe(
      "ok",
    );
    expect(lookAtOne({ distributions: [worldOf(4, { factor: 1.4, changedDays: 2 })] }).state).toBe(
      "drifted",
    );
  });

  it("is not blinded by the day of an incident among those before", () => {
    const series = worldOf(5, { factor: 1.25, incident: 12 });
    expect(lookAtOne({ distributions: [series] }).state).toBe("drifted");
  });

  it("tells weekends from drift, and drift of a weekend from weekends", () => {
    const weekend = { weekend: 0.3, daySd: 0.02 };
    const quiet = Array.from({ length: 40 }, (_, seed) => worldOf(100 + seed, weekend));
    const changed = Array.from({ length: 40 }, (_, seed) =>
      worldOf(200 + seed, { ...weekend, factor: 1.25 }),
    );
    const drifted = (all: readonly DistributionSeries[]) =>
      all.filter((series) => lookAtOne({ distributions: [series] }).state === "drifted").length;
    expect(drifted(quiet)).toBe(0);
    expect(drifted(changed)).toBe(40);
  });

  it("takes no change of buckets for a drift", () => {
    const states = Array.from({ length: 30 }, (_, seed) => {
      const boundsOf = (index: number) => (index < 27 ? classicBounds : exponentialBounds(3));
      return lookAtOne({ distributions: [worldOf(300 + seed, { boundsOf })] }).state;
    });
    expect(new Set(states)).toEqual(new Set(["ok"]));
  });

  it.each([
    ["nothing", {}, "ok"],
    ["a quarter more latency", { factor: 1.25 }, "drifted"],
    ["a tail", { n: 3_000, slowShare: 0.05 }, "drifted"],
  ])("finds %s in histograms that leave out their empty buckets", (_, given, state) => {
    const states = Array.from({ length: 20 }, (__, seed) => {
      const series = worldOf(400 + seed, { ...given, boundsOf: () => exponentialBounds(3) });
      return lookAtOne({ distributions: [latencyOf(series.windows.map(withoutEmpty))] }).state;
    });
    expect(new Set(states)).toEqual(new Set([state]));
  });

  it("remembers how it was before a drift, for as long as the days before are known", () => {
    const changedDays = 12;
    const series = worldOf(6, { factor: 1.25, changedDays });
    const changedAt = newestDay - (changedDays - 1) * day;
    const before = { ...lookAtOne({ distributions: [worldOf(6, { factor: 1.25 })] }), changedAt };
    expect(lookAtOne({ distributions: [series], previous: [before] })).toMatchObject({
      state: "drifted",
      changedAt,
    });
    const longAgo = { ...before, changedAt: newestDay - 20 * day };
    const settled = worldOf(6, { factor: 1.25, changedDays: 31 });
    expect(lookAtOne({ distributions: [settled], previous: [longAgo] }).state).toBe("ok");
  });

  it("dates a change to the hour where hours are given", () => {
    const random = seededRandom(7);
    const slow = newestDay - 2 * day + 15 * 3_600_000;
    const hourly = Array.from({ length: 7 * 24 }, (_, index) => ({
      from: newestDay - 6 * day + index * 3_600_000,
      to: newestDay - 6 * day + (index + 1) * 3_600_000,
    }));
    const draw = (from: number, n: number) =>
      drawHistogram(
        { median: from >= slow ? 1.6 : 1, sigma: 0.5, slowShare: 0 },
        n,
        classicBounds,
        random,
      );
    const distributions = [latencyOf(windows.map(({ from }) => draw(from, 2_000)))];
    const finer = {
      windows: hourly,
      distributions: [latencyOf(hourly.map(({ from }) => draw(from, 80)))],
    };
    const finding = lookAtOne({ distributions, finer });
    expect(finding.state).toBe("drifted");
    expect(Math.abs((finding.changedAt ?? 0) - slow)).toBeLessThanOrEqual(2 * 3_600_000);
  });
});

describe("what is too little to judge by", () => {
  it.each([
    ["no requests today", (all: (Histogram | null)[]) => all.with(-1, null), /the newest window/],
    [
      "a hundred requests a day",
      (all: (Histogram | null)[]) =>
        all.map((one) => one && { ...one, counts: one.counts.map((count) => count / 10) }),
      /it takes 200 requests in a window, and the newest has 100/,
    ],
    [
      "nothing but the last ten days",
      (all: (Histogram | null)[]) => all.map((one, index) => (index < 21 ? null : one)),
      /it takes 14 windows .* there are 9, 5 more are needed/,
    ],
    [
      "nearly all in one bucket",
      (all: (Histogram | null)[]) =>
        all.map(
          (one) =>
            one && { ...one, counts: one.counts.map((_, index) => (index === 7 ? 1_000 : 0)) },
        ),
      /one bucket/,
    ],
    [
      "all above the bounds",
      (all: (Histogram | null)[]) =>
        all.map(
          (one) =>
            one && { ...one, counts: one.counts.map((_, index) => (index === 14 ? 1_000 : 0)) },
        ),
      /outside of the histogram's bounds/,
    ],
    [
      "bounds that do not meet, and values beyond them",
      (all: (Histogram | null)[]) =>
        all.map((one, index) => {
          if (one === null || index < 28) return one && { ...one, counts: one.counts.with(-1, 5) };
          return scaled({ ...one, counts: one.counts.with(0, 5) }, 1e6);
        }),
      /no bounds in common/,
    ],
  ])("with %s is insufficient, never ok, and says what is missing", (_, change, words) => {
    const series = worldOf(8);
    const finding = lookAtOne({ distributions: [latencyOf(change([...series.windows]))] });
    expect(finding.state).toBe("insufficient");
    expect(finding.sentence).toMatch(words);
  });

  it("does not end a drift with a quiet day", () => {
    const series = worldOf(9, { factor: 1.5, changedDays: 4 });
    const quiet = { ...series, windows: series.windows.with(-1, null) };
    expect(lookAtOne({ distributions: [quiet] }).state).toBe("drifted");
  });

  it("judges a single day by fifteen, if it is well beyond", () => {
    const changed = worldOf(10, { factor: 1.4, changedDays: 1 });
    expect(lookAtOne({ distributions: [firstDays(changed, 15)] }).state).toBe("drifted");
    expect(lookAtOne({ distributions: [firstDays(changed, 14)] }).state).toBe("insufficient");
    expect(lookAtOne({ distributions: [firstDays(worldOf(10), 15)] }).state).toBe("ok");
  });

  it("does not lose a series whatever the days that are known", () => {
    const series = worldOf(11);
    let judged = false;
    for (let known = 0; known <= usualDays; known += 1) {
      const findings = lookAt({ distributions: [firstDays(series, known)] });
      expect(findings).toHaveLength(1);
      // Once there is enough, more days do not take it away.
      if (judged) expect(findings[0]?.state).toBe("ok");
      judged ||= findings[0]?.state === "ok";
    }
    expect(judged).toBe(true);
  });
});

describe("whatever a source says", () => {
  const count = fc.oneof(
    fc.nat(5_000),
    fc.constantFrom(0, 0, 1e15, 1e300, -3, Number.NaN, Number.POSITIVE_INFINITY, 0.25),
  );
  const someBounds = fc.oneof(
    fc.constantFrom(
      classicBounds,
      exponentialBounds(1),
      [1],
      [],
      [0, 1, 2],
      [5, 5],
      [2, 1],
      [Number.NaN],
    ),
    fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { maxLength: 6 }),
  );
  const histogram: fc.Arbitrary<Histogram | null> = fc.option(
    someBounds.chain((bounds) =>
      fc.record({
        bounds: fc.constant(bounds),
        counts: fc.oneof(
          fc.array(count, { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
          fc.array(count, { maxLength: 4 }),
        ),
        sum: fc.double(),
      }),
    ),
    { freq: 12 },
  );
  const signal = fc.constantFrom("latency", "confidence", "cost", "output_tokens" as const);

  const isSound = (finding: SeriesFinding): boolean => {
    const report = {
      version: 1,
      lookedAt: 0,
      from: 0,
      to: 0,
      source: "",
      missing: [],
      routes: {
        assistant: {
          latency: { state: "ok", sentence: "" },
          accuracy: null,
          envelope: null,
          pinned: null,
          series: [finding],
          left: 0,
        },
      },
    };
    // What no JSON could hold, such as NaN, becomes null there.
    const read = readDriftReport(JSON.stringify(report));
    if (!read.ok) throw new Error(read.error);
    expect(read.value.routes["assistant"]?.series[0]).toEqual(finding);
    return true;
  };

  it("gives findings that a report can hold, without NaN", () => {
    fc.assert(
      fc.property(
        signal,
        fc.array(histogram, { minLength: 31, maxLength: 31 }),
        (name, histograms) => {
          const findings = lookAt({
            distributions: [{ key, signal: name as "latency", windows: histograms }],
          });
          expect(findings.length).toBeGreaterThan(0);
          return findings.every(isSound);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("says of shares only what a report can hold", () => {
    const counts = fc.option(
      fc.dictionary(fc.constantFrom("stop", "length", "tools", "x".repeat(300)), count),
      {
        freq: 12,
      },
    );
    fc.assert(
      fc.property(fc.array(counts, { minLength: 31, maxLength: 31 }), (shares) =>
        lookAt({ shares: [{ key, signal: "finish_reason", windows: shares }] }).every(isSound),
      ),
      { numRuns: 300 },
    );
  });
});

describe("the same facts told otherwise", () => {
  const some = [
    worldOf(20, { factor: 1.3 }),
    worldOf(21),
    worldOf(22, { n: 120 }),
    worldOf(23, { slowShare: 0.05, n: 3_000 }),
  ].map((series, index) => ({ ...series, key: { ...key, backend: `backend-${index}` } }));

  it("in another order give the same findings", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(some, { minLength: some.length }), (shuffled) => {
        expect(lookAt({ distributions: shuffled })).toEqual(lookAt({ distributions: some }));
      }),
      { numRuns: 20 },
    );
  });

  it("in milliseconds give the same verdicts", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (factor) => {
        const other = some.map((series) => ({
          ...series,
          windows: series.windows.map((one) => one && scaled(one, factor)),
        }));
        const verdict = ({ state, score, threshold, pValue }: SeriesFinding) => ({
          state,
          score: score?.toFixed(6),
          threshold: threshold?.toFixed(6),
          pValue: pValue?.toFixed(6),
        });
        expect(lookAt({ distributions: other }).map(verdict)).toEqual(
          lookAt({ distributions: some }).map(verdict),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("put the gravest first", () => {
    expect(lookAt({ distributions: some }).map(({ state }) => state)).toEqual([
      "drifted",
      "drifted",
      "insufficient",
      "ok",
    ]);
  });

  it("leave out routes that nobody wants watched", () => {
    const other = some.map((series) => ({ ...series, key: { ...series.key, route: "unwatched" } }));
    expect(lookAt({ distributions: other })).toEqual([]);
  });
});
