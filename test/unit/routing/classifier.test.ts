import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Classifier,
  decide,
  Featuriser,
  FeatureVector,
  plainQuestion,
  smoothedPrior,
  trainedPrior,
  type RoutePrior,
} from "../../../src/routing/index.ts";
import { tinyModel } from "../../support/tiny-model.ts";

const model = tinyModel();
const { header, weights } = model;
const classifier = new Classifier(model);

/** What the model says, written down as plainly as can be. */
function slowly(
  text: string,
  prior?: RoutePrior,
): { heads: number[]; correct: number[]; tokens: number[] } {
  const vector = new FeatureVector();
  new Featuriser().featurise(plainQuestion(text), vector);
  const heads = header.heads.map((_, head) => {
    const [constant = 0, ...dense] = header.dense[head] ?? [];
    let sum = constant;
    for (const [place, weight] of dense.entries()) sum += weight * vector.dense[place]!;
    for (let index = 0; index < vector.count; index += 1) {
      const weight = weights[vector.slots[index]! * header.heads.length + head]!;
      sum += weight * header.scales[head]! * vector.values[index]!;
    }
    return sum;
  });
  const stage = prior === undefined ? header.stages.hidden : header.stages.known;
  const inputs = [1, ...heads, ...(prior ?? [])];
  const correct = stage.weights.map((row) => {
    const logit = row.reduce((sum, weight, place) => sum + weight * inputs[place]!, 0);
    return 1 / (1 + Math.exp(-logit));
  });
  const tokens = header.tokenScales.map(
    (scale, tier) => scale * Math.min(32_768, Math.exp(heads[header.tokensAt + tier]!)),
  );
  return { heads, correct, tokens };
}

const prior = trainedPrior(header, "sums");

describe("a classifier", () => {
  it("says what its weights say, with and without a route's prior", () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 40 }), fc.boolean(), (text, isKnown) => {
        const scores = classifier.score(plainQuestion(text), isKnown ? prior : undefined);
        const expected = slowly(text, isKnown ? prior : undefined);
        for (const [tier, wanted] of expected.correct.entries()) {
          expect(scores.correct[tier]).toBeCloseTo(wanted, 6);
          expect(scores.outputTokens[tier]! / expected.tokens[tier]!).toBeCloseTo(1, 4);
        }
        for (const [head, wanted] of expected.heads.entries()) {
          expect(scores.heads[head]).toBeCloseTo(wanted, 4);
        }
      }),
    );
  });

  it("says of a question what it says of no other, whatever was asked before", () => {
    const alone = [...new Classifier(model).score(plainQuestion("What is 2 + 2?")).correct];
    classifier.score(plainQuestion("Something else entirely".repeat(200)), prior);
    expect([...classifier.score(plainQuestion("What is 2 + 2?")).correct]).toEqual(alone);
  });

  it("names what it was never trained on", () => {
    const question = { ...plainQuestion("Book a table"), tools: 3 };
    expect(classifier.score(question).unfamiliar).toEqual(["tools"]);
    expect(classifier.score(plainQuestion("Book a table")).unfamiliar).toEqual([]);
  });
});

describe("a route's prior", () => {
  it("is known of the training data's routes alone", () => {
    expect(trainedPrior(header, "sums")).toBeDefined();
    expect(trainedPrior(header, "toString")).toBeUndefined();
  });

  it.each([
    ["without labels, that of all routes", { count: 0, correct: [0, 0] }, [0.5, 0.75]],
    [
      "with as many labels as pseudo-counts, half-way",
      { count: 20, correct: [20, 0] },
      [0.75, 0.375],
    ],
    ["with many, its own", { count: 1e9, correct: [9e8, 2e8] }, [0.9, 0.2]],
  ])("is %s", (_, tally, shares) => {
    const logits = smoothedPrior(tally, [0.5, 0.75], 20);
    const found = Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
    for (const [tier, share] of shares.entries()) expect(found[tier]).toBeCloseTo(share, 6);
  });
});

const option = fc.record({
  correct: fc.double({ min: 0, max: 1, noNaN: true }),
  cost: fc.double({ min: 0, max: 1, noNaN: true }),
});
const options = fc.array(option, { minLength: 1, maxLength: 6 });
const lambdas = fc.double({ min: -1e3, max: 1e3, noNaN: true });

const of = (list: readonly { correct: number; cost: number }[]): [Float64Array, Float64Array] => [
  Float64Array.from(list, ({ correct }) => correct),
  Float64Array.from(list, ({ cost }) => cost),
];

describe("decide", () => {
  it("takes the cheapest where λ is endless, the dearest at −∞ and the best at 0", () => {
    const [correct, cost] = of([
      { correct: 0.9, cost: 2 },
      { correct: 0.5, cost: 1 },
      { correct: 0.6, cost: 5 },
    ]);
    expect([1e9, -1e9, 0].map((lambda) => decide(correct, cost, lambda))).toEqual([1, 2, 0]);
  });

  it("never spends more as λ grows", () => {
    fc.assert(
      fc.property(options, lambdas, lambdas, (list, one, other) => {
        const [correct, cost] = of(list);
        const [low, high] = one < other ? [one, other] : [other, one];
        const spent = (lambda: number): number => cost[decide(correct, cost, lambda)]!;
        expect(spent(high)).toBeLessThanOrEqual(spent(low) + 1e-9);
      }),
    );
  });

  it("chooses what is worth most", () => {
    fc.assert(
      fc.property(options, lambdas, (list, lambda) => {
        const [correct, cost] = of(list);
        const values = Array.from(correct, (each, option) => each - lambda * cost[option]!);
        expect(values[decide(correct, cost, lambda)]).toBe(Math.max(...values));
      }),
    );
  });
});
