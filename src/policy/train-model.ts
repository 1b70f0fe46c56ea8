import {
  denseCount,
  featureHash,
  modelVersion,
  slotCount,
  supportOf,
  type ClassifierModel,
  type ModelHeader,
} from "../routing/index.ts";
import { featureTable, type FeatureTable } from "./feature-table.ts";
import { emptyHeads, fitHeads, sayHeads, type HeadTargets, type HeadWeights } from "./fit-heads.ts";
import { crossFitStages, fitStages, type StageExamples, type StageScores } from "./fit-stages.ts";
import { foldsOf, splitBy } from "./folds.ts";
import type { LabelledPrompt } from "./labelled-prompt.ts";
import { questionEase } from "./question-ease.ts";
import { priorFrom, routeKnowledge, type RouteKnowledge } from "./route-tallies.ts";

export interface TrainOptions {
  name: string;
  /** By place of a prompt's labels, from the cheapest to the baseline. */
  tiers: readonly string[];
  /** The same seed and prompts give the same bytes. */
  seed: number;
  /** Names the training data. */
  dataDigest: string;
  /** Models that the heads must learn nothing of; they stand for models that are yet to come. */
  besides?: ReadonlySet<string>;
}

export interface CrossFitted extends StageScores {
  /** By prompt, then by tier. */
  outputTokens: readonly (readonly number[])[];
}

export interface Trained {
  model: ClassifierModel;
  /** Of the training data, in its order: what is said of a prompt by parts that never saw it. */
  crossFitted: CrossFitted;
}

const folds = 10;

/**
 * Trains a classifier: heads on the prompts, then the stages on what heads say of prompts that they
 * were not trained on. Only the training data goes in, so that other labels stay clean for
 * certificates.
 */
export function trainModel(prompts: readonly LabelledPrompt[], options: TrainOptions): Trained {
  const texts = prompts.map(({ text }) => text);
  const table = featureTable(texts);
  const knowledge = routeKnowledge(prompts, options.tiers.length);
  const targets = targetsOf(prompts, knowledge, options);
  const places = foldsOf(texts, folds, options.seed);
  const { said: heads, mean } = outOfFold(table, places, targets, options.seed);
  const examples: StageExamples = {
    heads,
    priors: prompts.map(({ route }) => priorFrom(knowledge, route)),
    correct: prompts.map(({ correct }) => correct),
  };
  const tokensAt = options.tiers.length;
  const small = quantise(mean, targets);
  const header: ModelHeader = {
    version: modelVersion,
    name: options.name,
    featureHash: featureHash(),
    tiers: [...options.tiers],
    heads: headNames(options.tiers),
    tokensAt,
    scales: small.scales,
    dense: small.dense,
    tokenScales: options.tiers.map((_, tier) => tokenScale(prompts, heads, tier, tokensAt)),
    stages: fitStages(examples),
    prior: knowledge,
    support: supportOf(table.dense),
    training: {
      sources: [...new Set(prompts.map(({ source }) => source))].toSorted(),
      dataDigest: options.dataDigest,
      rows: prompts.length,
      seed: options.seed,
    },
    metrics: {},
  };
  const outputTokens = heads.map((said) =>
    header.tokenScales.map((scale, tier) => scale * Math.exp(said[tokensAt + tier] ?? 0)),
  );
  return {
    model: { header, weights: small.weights },
    crossFitted: { ...crossFitStages(examples, places), outputTokens },
  };
}

function headNames(tiers: readonly string[]): string[] {
  return [
    ...tiers.map((tier) => `correct:${tier}`),
    ...tiers.map((tier) => `tokens:${tier}`),
    ...tiers.map((tier) => `usual:${tier}`),
    "ease",
  ];
}

/**
 * For each tier: correctness, the logarithm of the answer's tokens, and what is usual on the prompt's
 * route, which lets a prompt be placed where its route is not told; and the ease that all tiers share.
 */
function targetsOf(
  prompts: readonly LabelledPrompt[],
  knowledge: RouteKnowledge,
  { tiers, besides }: TrainOptions,
): HeadTargets {
  const ease = questionEase(prompts, besides);
  const isLogistic = headNames(tiers).map((name) => name.startsWith("correct:"));
  const values = new Float64Array(prompts.length * isLogistic.length);
  for (const [row, { correct, outputTokens, route }] of prompts.entries()) {
    const targets = [
      ...correct,
      ...outputTokens.map((tokens) => Math.log(1 + tokens)),
      ...priorFrom(knowledge, route),
      ease[row] ?? 0,
    ];
    values.set(targets, row * isLogistic.length);
  }
  return { isLogistic, values };
}

interface FoldedHeads {
  /** By prompt: what heads say that were trained on the other folds. */
  said: readonly Float64Array[];
  /**
   * The mean of all folds' heads, and what is shipped: a mean of linear heads is one of their kind, and
   * it is steadier than any one of them.
   */
  mean: HeadWeights;
}

function outOfFold(
  table: FeatureTable,
  places: Uint8Array,
  targets: HeadTargets,
  seed: number,
): FoldedHeads {
  const said = Array.from(places, () => new Float64Array(targets.isLogistic.length));
  const mean = emptyHeads(targets);
  for (let fold = 0; fold < folds; fold += 1) {
    const { inside, outside } = splitBy(places, fold);
    const weights = fitHeads(table, outside, targets, seed + fold);
    for (const row of inside) {
      const into = said[row];
      if (into !== undefined) sayHeads(table, row, weights, into);
    }
    for (let place = 0; place < mean.length; place += 1) {
      mean[place] = (mean[place] ?? 0) + (weights[place] ?? 0) / folds;
    }
  }
  return { said, mean };
}

/** The exponential of a mean logarithm is less than the mean: by how much, the data say. */
function tokenScale(
  prompts: readonly LabelledPrompt[],
  heads: readonly Float64Array[],
  tier: number,
  tokensAt: number,
): number {
  let real = 0;
  let said = 0;
  for (const [row, { outputTokens }] of prompts.entries()) {
    real += outputTokens[tier] ?? 0;
    said += Math.exp(heads[row]?.[tokensAt + tier] ?? 0);
  }
  return said === 0 ? 1 : real / said;
}

interface SmallHeads {
  weights: Int8Array;
  scales: number[];
  dense: number[][];
}

/** An eighth bit would add 100 KB to the packed file and nothing to what the heads say. */
const levels = 63;

/** Whole numbers of few bits, with a scale a head; the few dense weights stay as they are. */
function quantise(weights: HeadWeights, { isLogistic }: HeadTargets): SmallHeads {
  const heads = isLogistic.length;
  const sparse = slotCount * heads;
  const largest = new Float64Array(heads);
  for (let place = 0; place < sparse; place += 1) {
    const head = place % heads;
    largest[head] = Math.max(largest[head] ?? 0, Math.abs(weights[place] ?? 0));
  }
  const scales = Array.from(largest, (most) => (most === 0 ? 1 : most / levels));
  const small = new Int8Array(sparse);
  for (let place = 0; place < sparse; place += 1) {
    small[place] = Math.round((weights[place] ?? 0) / (scales[place % heads] ?? 1));
  }
  const at = (row: number, head: number): number => weights[(slotCount + row) * heads + head] ?? 0;
  const dense = isLogistic.map((_, head) => [
    at(denseCount, head),
    ...Array.from({ length: denseCount }, (__, place) => at(place, head)),
  ]);
  return { weights: small, scales, dense };
}
