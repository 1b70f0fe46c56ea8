import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackedWeights } from "../../../src/routing/classifier/packed-weights.ts";
import { Featuriser, FeatureVector, plainQuestion } from "../../../src/routing/index.ts";
import { tinyModel } from "../../support/tiny-model.ts";

function featuresOf(text: string): FeatureVector {
  const vector = new FeatureVector();
  new Featuriser().featurise(plainQuestion(text), vector);
  return vector;
}

/** With so many heads; what they are called means nothing here. */
const modelOf = (count: number, seed = 1) =>
  tinyModel({ heads: Array.from({ length: count }, (_, head) => `head ${head}`) }, seed);

function sumsOf(model: ReturnType<typeof modelOf>, features: FeatureVector): number[] {
  const sums = new Float64Array(model.header.heads.length).fill(Number.NaN);
  new PackedWeights(model).sum(features, sums);
  return [...sums];
}

function sumsOneByOne({ header, weights }: ReturnType<typeof modelOf>, features: FeatureVector) {
  const { slots, values, count } = features;
  return header.heads.map((_, head) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      sum += weights[slots[index]! * header.heads.length + head]! * values[index]!;
    }
    return sum;
  });
}

const long = Array.from({ length: 600 }, (_, word) => (word * 2_654_435_761).toString(36)).join(
  " ",
);

describe("packed weights", () => {
  it.each([1, 4, 13, 16, 17, 32])("sum to what each says of %i heads", (heads) => {
    for (const text of ["", "?", "What is 2 + 2?", long]) {
      const model = modelOf(heads, heads);
      const features = featuresOf(text);
      const expected = sumsOneByOne(model, features);
      for (const [head, sum] of sumsOf(model, features).entries()) {
        expect(sum).toBeCloseTo(expected[head]!, 8);
      }
    }
  });

  it.each([-128, 127])("overflow nowhere where every weight is %i", (weight) => {
    const model = modelOf(13);
    model.weights.fill(weight);
    const features = featuresOf(long);
    expect(features.count).toBeGreaterThan(2_000);
    const expected = sumsOneByOne(model, features);
    for (const [head, sum] of sumsOf(model, features).entries()) {
      expect(sum).toBeCloseTo(expected[head]!, 8);
    }
  });

  it("leave nothing of one question in the next", () => {
    const model = modelOf(5);
    const packed = new PackedWeights(model);
    const sums = new Float64Array(5);
    fc.assert(
      fc.property(fc.lorem(), fc.lorem(), (before, text) => {
        packed.sum(featuresOf(before), sums);
        packed.sum(featuresOf(text), sums);
        expect([...sums]).toEqual(sumsOf(model, featuresOf(text)));
      }),
      { numRuns: 10 },
    );
  });
});
