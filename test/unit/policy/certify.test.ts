import { describe, expect, it } from "vitest";
import { seededRandom, type Random } from "../../../src/lib/index.ts";
import {
  certify,
  lowerBoundOf,
  normalQuantile,
  normalShare,
  studentQuantile,
  type PairedLabels,
} from "../../../src/policy/certify.ts";
import { tenantLowerBound } from "../../../src/policy/tenant-bound.ts";

describe("the quantiles", () => {
  it.each([
    [0, 0.5],
    [1, 0.841344746],
    [-1.96, 0.024997895],
    [3.5, 0.999767371],
    [-6, 9.8659e-10],
  ])("of the normal distribution are right at %d", (value, share) => {
    expect(normalShare(value) / share).toBeCloseTo(1, 4);
    expect(normalQuantile(share)).toBeCloseTo(value, 4);
  });

  it.each([
    [0.95, 10, 1.8125],
    [0.95, 149, 1.6551],
    [0.99, 30, 2.4573],
  ])("of Student's t at %d and %d are right", (share, freedom, expected) => {
    expect(studentQuantile(share, freedom)).toBeCloseTo(expected, 2);
  });
});

/** A world where each rung saves more and is right a little less often. */
interface World {
  strongest: number;
  /** By rung: how often it is right where the strongest is, and where it is not. */
  rungs: readonly { kept: number; gained: number }[];
}

const world: World = {
  strongest: 0.75,
  rungs: Array.from({ length: 40 }, (_, rung) => ({ kept: 1 - rung * 0.006, gained: 0.2 })),
};

const ratioOf = ({ strongest, rungs }: World, rung: number): number => {
  const { kept, gained } = rungs[rung]!;
  return kept + (gained * (1 - strongest)) / strongest;
};

function draw({ strongest, rungs }: World, labels: number, random: Random): PairedLabels {
  const right = Float64Array.from({ length: labels }, () => (random() < strongest ? 1 : 0));
  // One number a prompt for all rungs: as on real prompts, a dearer rung is seldom wrong where a cheaper is right.
  const luck = Float64Array.from({ length: labels }, () => random());
  return {
    strongest: right,
    rungs: rungs.map(({ kept, gained }) =>
      right.map((correct, place) => (luck[place]! < (correct === 1 ? kept : gained) ? 1 : 0)),
    ),
  };
}

const options = { floor: 0.95, confidence: 0.97 };

describe("a certificate", () => {
  it.each([
    ["few labels", 150, 0.95],
    ["few labels and a high floor", 150, 1],
    ["many labels", 2_000, 0.95],
    ["many labels and a high floor", 2_000, 0.99],
  ])("keeps its floor in at least 97 of 100 worlds, with %s", (_, labels, floor) => {
    const random = seededRandom(labels + floor * 100);
    const harsh: World = {
      ...world,
      rungs: world.rungs.map(({ kept }) => ({ kept: kept - 0.02, gained: 0.08 })),
    };
    const worlds = 600;
    let broken = 0;
    for (let each = 0; each < worlds; each += 1) {
      const { rung } = certify(draw(harsh, labels, random), { floor, confidence: 0.97 });
      if (rung > 0 && ratioOf(harsh, rung) < floor) broken += 1;
    }
    expect(broken / worlds).toBeLessThanOrEqual(0.03);
  });

  it("goes further with more labels", () => {
    const mean = (labels: number): number => {
      const random = seededRandom(labels);
      const rungs = Array.from(
        { length: 50 },
        () => certify(draw(world, labels, random), options).rung,
      );
      return rungs.reduce((sum, rung) => sum + rung, 0) / rungs.length;
    };
    expect(mean(2_000)).toBeGreaterThan(mean(500) + 2);
    expect(mean(500)).toBeGreaterThan(mean(150) + 2);
  });

  it("ends at the first rung that fails, whatever comes behind it", () => {
    const strongest = new Float64Array(1_000).fill(1);
    const good = new Float64Array(1_000).fill(1);
    const bad = Float64Array.from(good, (_, place) => place % 2);
    expect(certify({ strongest, rungs: [good, good, bad, good] }, options).rung).toBe(1);
    expect(certify({ strongest, rungs: [good, bad, good, good] }, options).rung).toBe(0);
  });

  it("is none without labels", () => {
    const none = new Float64Array();
    expect(certify({ strongest: none, rungs: [none, none] }, options)).toEqual({
      rung: 0,
      lowerBound: 0,
      labels: 0,
    });
  });

  it("does not take a few agreeing labels for certainty", () => {
    const right = Float64Array.from({ length: 100 }, (_, place) => (place < 75 ? 1 : 0));
    expect(lowerBoundOf(right, right, { floor: 1, confidence: 0.95 })).toBeLessThan(0);
  });

  it("is bound more tightly by an allowance", () => {
    const { rungs, strongest } = draw(world, 500, seededRandom(1));
    const bounds = [0, 0.01, 0.05].map((allowance) =>
      lowerBoundOf(rungs[3]!, strongest, { ...options, allowance }),
    );
    expect(bounds).toEqual(bounds.toSorted((left, right) => right - left));
    expect(bounds[0]! - bounds[2]!).toBeGreaterThan(0.03);
  });
});

describe("a tenant's bound", () => {
  const pool = { error: 0, errorSpread: 0.002, betweenTenants: 0.02 };
  const evidence = (real: number, labels: number) => ({
    labelled: {
      real: Float64Array.from(
        { length: labels },
        (_, place) => real + (place % 2 === 0 ? 0.4 : -0.4),
      ),
      guessed: new Float64Array(labels).fill(0.03),
    },
    unlabelled: Float64Array.from(
      { length: 2_000 },
      (_, place) => 0.03 + (place % 2 === 0 ? 0.1 : -0.1),
    ),
  });

  it("is the pool's without labels, less what tenants differ by", () => {
    const bound = tenantLowerBound(evidence(0, 0), pool, 0.95);
    expect(bound).toBeCloseTo(0.03 - 1.645 * Math.hypot(0.02, 0.002, 0.1 / Math.sqrt(2_000)), 3);
  });

  it("follows the tenant's own labels the more of them there are", () => {
    const bounds = [20, 150, 5_000].map((labels) =>
      tenantLowerBound(evidence(-0.1, labels), pool, 0.95),
    );
    expect(bounds).toEqual(bounds.toSorted((left, right) => right - left));
    expect(Math.abs(bounds[2]! + 0.1)).toBeLessThan(0.03);
  });

  it("holds in at least 97 of 100 worlds where tenants differ as is said", () => {
    const random = seededRandom(9);
    const normal = (): number => normalQuantile(Math.min(1 - 1e-9, Math.max(1e-9, random())));
    const worlds = 500;
    let broken = 0;
    for (let each = 0; each < worlds; each += 1) {
      const error = normal() * pool.betweenTenants;
      const guess = (): number => 0.03 + normal() * 0.1;
      const guessed = Float64Array.from({ length: 150 }, guess);
      const real = guessed.map((value) => value + error + normal() * 0.45);
      const unlabelled = Float64Array.from({ length: 500 }, guess);
      const bound = tenantLowerBound({ labelled: { real, guessed }, unlabelled }, pool, 0.975);
      if (bound > 0.03 + error) broken += 1;
    }
    expect(broken / worlds).toBeLessThanOrEqual(0.03);
  });
});
