import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import {
  evenRidge,
  fitLogistic,
  logistic,
  logitOf,
  solve,
} from "../../../src/policy/regression.ts";

const random = seededRandom(5);
const inputs = Array.from({ length: 4_000 }, () => [random() * 4 - 2, random() * 4 - 2]);
const truth = [0.4, -1.2, 0.7];
const answers = inputs.map((input) => (random() < logistic(logitOf(truth, input)) ? 1 : 0));

describe("a logistic regression", () => {
  it("finds the weights that answers were drawn by", () => {
    const found = fitLogistic(inputs, answers, evenRidge(3, 0.01));
    for (const [place, weight] of truth.entries())
      expect(Math.abs(found[place]! - weight)).toBeLessThan(0.15);
  });

  it("gives shares back where they are the answers", () => {
    const shares = inputs.map((input) => logistic(logitOf(truth, input)));
    const found = fitLogistic(inputs, shares, evenRidge(3, 1e-6));
    for (const [place, weight] of truth.entries()) expect(found[place]).toBeCloseTo(weight, 4);
  });

  it("stays where it is drawn to for want of examples, and leaves with many", () => {
    const ridge = { strength: [10, 10, 10], towards: [1, 2, 3] };
    expect(fitLogistic([], [], ridge)).toEqual([1, 2, 3]);
    const few = fitLogistic(inputs.slice(0, 3), answers, ridge);
    const many = fitLogistic(inputs, answers, ridge);
    const distance = (weights: number[]): number =>
      Math.hypot(...weights.map((weight, place) => weight - truth[place]!));
    expect(distance(many)).toBeLessThan(0.3);
    expect(distance(few)).toBeGreaterThan(1);
  });

  it("bears answers that are all alike", () => {
    const found = fitLogistic(
      inputs,
      inputs.map(() => 1),
      evenRidge(3, 1),
    );
    expect(found.every(Number.isFinite)).toBe(true);
    expect(logistic(found[0]!)).toBeGreaterThan(0.99);
  });
});

describe("solve", () => {
  it("solves what a positive definite matrix asks", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    const size = fc.integer({ min: 1, max: 6 });
    const system = size.chain((n) =>
      fc.record({
        root: fc.array(number, { minLength: n * n, maxLength: n * n }),
        wanted: fc.array(number, { minLength: n, maxLength: n }),
      }),
    );
    fc.assert(
      fc.property(system, ({ root, wanted }) => {
        const n = wanted.length;
        const square = new Float64Array(n * n);
        for (let row = 0; row < n; row += 1)
          for (let column = 0; column < n; column += 1) {
            let sum = row === column ? 1 : 0;
            for (let inner = 0; inner < n; inner += 1)
              sum += root[row * n + inner]! * root[column * n + inner]!;
            square[row * n + column] = sum;
          }
        const right = Float64Array.from(wanted, (_, row) =>
          wanted.reduce((sum, value, column) => sum + square[row * n + column]! * value, 0),
        );
        const found = solve(square, right);
        for (const [place, value] of wanted.entries()) expect(found[place]).toBeCloseTo(value, 5);
      }),
    );
  });
});
