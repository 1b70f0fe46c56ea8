import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOf, type Histogram } from "../../../src/drift/index.ts";
import { histograms } from "../../../src/drift/sources/arithmetic.ts";
import { text } from "../../../src/drift/sources/duckdb-counts.ts";
import { withLargeTenants } from "../../../src/drift/sources/large-tenants.ts";
import { orderedLabels } from "../../../src/drift/sources/ordered-labels.ts";
import { fromClassic, fromNative } from "../../../src/drift/sources/prometheus-histograms.ts";
import { literal, oneOf, quoted } from "../../../src/drift/sources/promql.ts";
import { histogramOf, slotOf } from "../../../src/drift/sources/slots.ts";
import { Tally } from "../../../src/drift/sources/tally.ts";

const upTo = ({ bounds, counts }: Histogram, bound: number): number =>
  counts.reduce(
    (sum, count, index) => ((bounds[index] ?? Infinity) <= bound ? sum + count : sum),
    0,
  );

describe("buckets that a source chooses", () => {
  it.each(["latency", "cost", "confidence"] as const)(
    "hold every %s where it belongs",
    (signal) => {
      const value = signal === "confidence" ? { min: 1e-3, max: 1 } : { min: 1e-9, max: 1e9 };
      fc.assert(
        fc.property(fc.array(fc.double({ ...value, noNaN: true }), { minLength: 1 }), (values) => {
          const counts = new Map<number, number>();
          for (const each of values) {
            const slot = slotOf(signal, each);
            counts.set(slot, (counts.get(slot) ?? 0) + 1);
          }
          const histogram = histogramOf(signal, { counts, sum: 1 });
          expect(histogram.counts).toHaveLength(histogram.bounds.length + 1);
          for (const bound of histogram.bounds) {
            const below = values.filter((each) => each <= bound * (1 - 1e-12)).length;
            const notAbove = values.filter((each) => each <= bound * (1 + 1e-12)).length;
            expect(upTo(histogram, bound)).toBeGreaterThanOrEqual(below);
            expect(upTo(histogram, bound)).toBeLessThanOrEqual(notAbove);
          }
        }),
      );
    },
  );
});

const histogram = fc
  .uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 12 })
  .chain((bounds) =>
    fc.record({
      bounds: fc.constant(bounds.toSorted((left, right) => left - right)),
      counts: fc.array(fc.nat(100), {
        minLength: bounds.length + 1,
        maxLength: bounds.length + 1,
      }),
      sum: fc.nat(1_000),
    }),
  );

describe("two histograms together", () => {
  it("hold all that either held, below every bound that both knew and above it", () => {
    fc.assert(
      fc.property(histogram, histogram, (left, right) => {
        const sum = histograms.add(left, right);
        expect(countOf(sum)).toBe(countOf(left) + countOf(right));
        expect(sum.sum).toBe(left.sum + right.sum);
        for (const bound of left.bounds.filter((each) => right.bounds.includes(each)))
          expect(upTo(sum, bound)).toBe(upTo(left, bound) + upTo(right, bound));
      }),
    );
  });
});

describe("a histogram of Prometheus", () => {
  it("is none the worse for totals that fall a little, come in any order, or are no numbers", () => {
    const totals = [
      { le: Infinity, count: 9.9 },
      { le: 0.5, count: 6.02 },
      { le: 1, count: 6 },
      { le: 0.25, count: Number.NaN },
    ];
    const { bounds, counts } = fromClassic(totals, -1);
    expect(bounds).toEqual([0.25, 0.5, 1]);
    expect(counts).toEqual([0, 6.02, 0, expect.closeTo(3.88)]);
  });

  it("keeps what lies above all bounds apart from what lies in the last bucket", () => {
    const lost = fromClassic([{ le: 1, count: 4 }], 2);
    expect(lost).toEqual({ bounds: [1], counts: [4, 0], sum: 2 });
    expect(fromClassic([{ le: Infinity, count: 4 }], 2)).toEqual({
      bounds: [],
      counts: [4],
      sum: 2,
    });
  });

  it("has the empty buckets put in again that a native one leaves out", () => {
    const buckets: [number, number, number, number][] = [
      [0, 4, 8, 2],
      [0, 1, 2, 3],
    ];
    expect(fromNative({ count: 5, sum: 20, buckets })).toEqual({
      bounds: [1, 2, 4, 8],
      counts: [0, 3, 0, 2, 0],
      sum: 20,
    });
  });

  it("counts zeros, and what custom buckets hold above their last bound", () => {
    const zero: [number, number, number, number] = [3, -1e-128, 0, 2];
    const counted = fromNative({ count: 3, sum: 5, buckets: [zero, [0, 4, Infinity, 1]] });
    expect(counted).toEqual({ bounds: [4], counts: [0, 3], sum: 5 });
    expect(countOf(fromNative({ count: 2, sum: 0, buckets: [zero] }))).toBe(2);
    expect(countOf(fromNative({ count: 0, sum: 0, buckets: [] }))).toBe(0);
  });
});

describe("names in queries", () => {
  const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));

  it("stay one quoted text of PromQL, whatever is in them", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const written = quoted(name);
        expect(written).toMatch(/^"(?:[^"\\\n]|\\(?:["\\bfnrt]|u[0-9a-f]{4}))*"$/);
        expect(JSON.parse(written)).toBe(name.toWellFormed());
      }),
    );
  });

  it("match themselves and nothing else", () => {
    fc.assert(
      fc.property(anyText, anyText, (name, other) => {
        const pattern = new RegExp(`^(?:${JSON.parse(oneOf([name]))})$`, "u");
        expect(pattern.test(name.toWellFormed())).toBe(true);
        expect(pattern.test(other.toWellFormed())).toBe(
          name.toWellFormed() === other.toWellFormed(),
        );
      }),
    );
    expect(literal("a.b|c")).toBe(String.raw`a\.b\|c`);
  });

  it("stay one text of DuckDB's", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        expect(text(name)).toMatch(/^'(?:[^']|'')*'$/u);
        expect(text(name).slice(1, -1).replaceAll("''", "'")).toBe(name);
      }),
    );
  });
});

describe("tenants", () => {
  const numbers = { add: (left: number, right: number) => left + right, count: (n: number) => n };
  const piece = (tenant: string | null, ...windows: (number | null)[]) => ({
    key: { route: "r", backend: "b", tenant },
    windows,
  });

  it("have series of their own by their mean over the windows that they have any in", () => {
    const pieces = [
      piece("steady", 100, 100),
      piece("late", null, 120),
      piece("small", 99, 100),
      piece(null, 500, null),
    ];
    const found = withLargeTenants(pieces, 100, numbers);
    expect(found).toEqual([
      piece(null, 699, 320),
      piece("late", null, 120),
      piece("steady", 100, 100),
    ]);
  });

  it("are not more than a report has room for", () => {
    const pieces = Array.from({ length: 50 }, (_, index) => piece(`t${index}`, 1_000 + index));
    const found = withLargeTenants(pieces, 1, numbers);
    expect(found.map(({ key }) => key.tenant).slice(0, 3)).toEqual([null, "t49", "t48"]);
    expect(found).toHaveLength(21);
  });

  it("are counted without their names once there are too many of them", () => {
    const tally = new Tally(1);
    for (let index = 0; index < 20_050; index += 1)
      tally.addSamples(
        { key: { route: "r", backend: "b", tenant: `t${index}` }, window: 0 },
        "cost",
        {
          slot: 1,
          count: 1,
          sum: 1,
        },
      );
    const [whole] = tally.distributions(1_000);
    expect(whole?.windows.map((each) => each && countOf(each))).toEqual([20_050]);
  });
});

describe("labels", () => {
  const label = (ts: number, backend: string, promptId: string, score: number) => ({
    key: { route: "r", backend, tenant: null },
    ts,
    score,
    source: "golden" as const,
    promptId,
  });
  const routes = [{ name: "r", baseline: "base" }];

  it("are paired with the baseline's score of the same prompt that is nearest in time", () => {
    const { add, labels } = orderedLabels({ routes });
    for (const each of [
      label(90, "other", "p", 1),
      label(10, "base", "p", 0.1),
      label(100, "base", "p", 0.2),
      label(95, "other", "q", 1),
      label(5, "other", "p", 0),
    ])
      add(each);
    expect(labels().map(({ ts, baselineScore }) => [ts, baselineScore])).toEqual([
      [5, 0.1],
      [10, null],
      [90, 0.2],
      [95, null],
      [100, null],
    ]);
  });

  it("are the newest where there are more than can be held", () => {
    const { add, labels } = orderedLabels({ routes }, 3);
    for (const ts of [4, 9, 1, 7, 3, 8, 2]) add(label(ts, "other", "p", 1));
    expect(labels().map(({ ts }) => ts)).toEqual([7, 8, 9]);
  });
});
