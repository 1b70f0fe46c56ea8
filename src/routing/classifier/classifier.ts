import { denseCount } from "../features/dense.ts";
import { FeatureVector } from "../features/feature-vector.ts";
import { Featuriser } from "../features/featuriser.ts";
import type { Question } from "../features/question.ts";
import { unfamiliarIn, type Watched } from "../features/unfamiliar.ts";
import type { ClassifierModel } from "./model.ts";
import { PackedWeights } from "./packed-weights.ts";

/** What a classifier says of a question, by tier. Written over by the next question. */
export interface Scores {
  /** Probability of a correct answer. */
  readonly correct: Float64Array;
  /** Expected tokens of the answer. */
  readonly outputTokens: Float64Array;
  /** What the heads say, before any stage: what new models' abilities are fitted to. */
  readonly heads: Float64Array;
  /** Traits that the training data never held: then the scores are no more than a guess. */
  unfamiliar: readonly Watched[];
}

/** Log-odds of a correct answer on a route, by tier: what is known of it before a question is read. */
export type RoutePrior = Float64Array;

/** The longest answer that is believed, in log tokens: what lies beyond is a head gone wild. */
const longestLogTokens = Math.log(32_768);

/**
 * A model at work. It keeps its scratch space and allocates nothing per question: one of them serves
 * one thread, and its scores are to be used before the next question.
 */
export class Classifier {
  readonly model: ClassifierModel;
  readonly #featuriser = new Featuriser();
  readonly #features = new FeatureVector();
  readonly #weights: PackedWeights;
  readonly #scales: Float64Array;
  readonly #dense: Float64Array;
  readonly #hidden: readonly Float64Array[];
  readonly #known: readonly Float64Array[];
  readonly #scores: Scores;

  constructor(model: ClassifierModel) {
    const { scales, dense, stages, tiers } = model.header;
    this.model = model;
    this.#weights = new PackedWeights(model);
    this.#scales = Float64Array.from(scales);
    this.#dense = Float64Array.from(dense.flat());
    this.#hidden = stages.hidden.weights.map((row) => Float64Array.from(row));
    this.#known = stages.known.weights.map((row) => Float64Array.from(row));
    this.#scores = {
      correct: new Float64Array(tiers.length),
      outputTokens: new Float64Array(tiers.length),
      heads: new Float64Array(scales.length),
      unfamiliar: [],
    };
  }

  /** @param prior absent where nothing is known of the route, or where it is no one subject */
  score(question: Question, prior?: ArrayLike<number>): Scores {
    const scores = this.#scores;
    const { header } = this.model;
    this.#featuriser.featurise(question, this.#features);
    this.#runHeads(scores.heads);
    runStage(prior === undefined ? this.#hidden : this.#known, scores, prior);
    for (let tier = 0; tier < scores.outputTokens.length; tier += 1) {
      const log = Math.min(longestLogTokens, scores.heads[header.tokensAt + tier] ?? 0);
      scores.outputTokens[tier] = Math.exp(log) * (header.tokenScales[tier] ?? 1);
    }
    scores.unfamiliar = unfamiliarIn(this.#features.dense, header.support);
    return scores;
  }

  #runHeads(into: Float64Array): void {
    this.#weights.sum(this.#features, into);
    const { dense } = this.#features;
    for (let head = 0; head < into.length; head += 1) {
      const start = head * (1 + denseCount);
      const sparse = (into[head] ?? 0) * (this.#scales[head] ?? 0);
      into[head] = sparse + (this.#dense[start] ?? 0) + product(this.#dense, start + 1, dense);
    }
  }
}

const nothing = new Float64Array(0);

function runStage(
  stage: readonly Float64Array[],
  { heads, correct }: Scores,
  prior: ArrayLike<number> = nothing,
): void {
  for (let tier = 0; tier < correct.length; tier += 1) {
    const weights = stage[tier] ?? nothing;
    const fromHeads = product(weights, 1, heads);
    const logit = (weights[0] ?? 0) + fromHeads + product(weights, 1 + heads.length, prior);
    correct[tier] = 1 / (1 + Math.exp(-logit));
  }
}

/** Of a vector with the weights from a place on. */
function product(weights: Float64Array, from: number, vector: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < vector.length; place += 1) {
    sum += (weights[from + place] ?? 0) * (vector[place] ?? 0);
  }
  return sum;
}
