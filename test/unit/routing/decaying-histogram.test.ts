import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import { bucketGrowth, DecayingHistogram } from "../../../src/routing/decaying-histogram.ts";

const shape = { lowest: 1, halfLifeMs: 1_000 };
const relativeError = Math.sqrt(bucketGrowth) + 1e-9;

describe("quantiles of a fading past", () => {
  test("there is none before the first sample", () => {
    expect(new DecayingHistogram(shape).quantile(0.5)).toBeUndefined();
  });

  test("are within half a bucket of the exact ones", () => {
    const values = fc.array(fc.double({ min: 1, max: 100_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (samples, share) => {
        const histogram = new DecayingHistogram(shape);
        for (const sample of samples) histogram.observe(sample, 0);
        const exact = samples.toSorted((left, right) => left - right)[
          Math.ceil(share * samples.length - 1e-9) - 1
        ];
        const ratio = (histogram.quantile(share) ?? 0) / (exact ?? 0);
        expect(ratio).toBeLessThanOrEqual(relativeError);
        expect(ratio).toBeGreaterThanOrEqual(1 / relativeError);
      }),
    );
  });

  test("never fall as the share grows", () => {
    const histogram = new DecayingHistogram(shape);
    const random = seededRandom(7);
    for (let index = 0; index < 500; index += 1)
      histogram.observe(1 + random() * 5_000, index * 10);
    const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99, 1].map((share) => histogram.quantile(share) ?? 0);
    expect(quantiles).toEqual(quantiles.toSorted((left, right) => left - right));
  });

  test("take in what has come since they were last read", () => {
    const histogram = new DecayingHistogram(shape);
    histogram.observe(10, 0);
    const before = histogram.quantile(0.95);
    histogram.observe(1_000, 0);
    histogram.observe(1_000, 0);
    expect(histogram.quantile(0.95)).toBeGreaterThan(before ?? Infinity);
  });

  test("values out of range count as the nearest, and nonsense not at all", () => {
    const histogram = new DecayingHistogram(shape);
    for (const nonsense of [0, -1, Number.NaN, Infinity]) histogram.observe(nonsense, 0);
    expect(histogram.quantile(0.5)).toBeUndefined();
    histogram.observe(0.001, 0);
    expect(histogram.quantile(1)).toBeLessThan(1.1);
    histogram.observe(1e12, 0);
    expect(histogram.quantile(1)).toBeGreaterThan(180_000);
  });

  test("forget: after three half-lives one new sample in four rules the median", () => {
    const histogram = new DecayingHistogram(shape);
    for (let index = 0; index < 100; index += 1) histogram.observe(10, 0);
    for (let index = 0; index < 25; index += 1) histogram.observe(1_000, 3_000);
    expect(histogram.quantile(0.5)).toBeGreaterThan(900);
  });

  test("a sample is worth half after a half-life", () => {
    const histogram = new DecayingHistogram(shape);
    for (let index = 0; index < 8; index += 1) histogram.observe(10, 0);
    expect(histogram.samples(0)).toBe(8);
    expect(histogram.samples(1_000)).toBe(4);
    expect(histogram.samples(3_000)).toBe(1);
    expect(histogram.samples(1e12)).toBe(0);
  });

  test("stay right over years of samples and years of silence", () => {
    const histogram = new DecayingHistogram(shape);
    for (let index = 0; index < 20_000; index += 1) histogram.observe(50, index * 100);
    expect(histogram.quantile(0.5) ?? 0).toBeCloseTo(50, -1);
    const later = 1e11;
    histogram.observe(5_000, later);
    expect(histogram.samples(later)).toBeCloseTo(1);
    expect(histogram.quantile(0.01)).toBeGreaterThan(4_500);
  });
});
