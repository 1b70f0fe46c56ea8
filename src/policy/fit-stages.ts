import type { ModelHeader, RoutePrior } from "../routing/index.ts";
import { splitBy } from "./folds.ts";
import { evenRidge, fitLogistic, logistic, logitOf } from "./regression.ts";

/** What the stages are fitted to, by prompt. */
export interface StageExamples {
  /** Of heads that were not trained on the prompt. */
  heads: readonly Float64Array[];
  priors: readonly RoutePrior[];
  /** By tier. */
  correct: readonly (readonly number[])[];
}

const strength = 1;

/**
 * A regression for each tier over all that the heads say, with the route's prior and without. It takes
 * back the winner's curse: the heads' own scores are too sure of whichever is best.
 */
export function fitStages({ heads, priors, correct }: StageExamples): ModelHeader["stages"] {
  const known = heads.map((_, row) => knownInput(heads, priors, row));
  return { hidden: fitStage(heads, correct), known: fitStage(known, correct) };
}

const knownInput = (
  heads: readonly Float64Array[],
  priors: readonly RoutePrior[],
  row: number,
): Float64Array => Float64Array.of(...(heads[row] ?? []), ...(priors[row] ?? []));

function fitStage(
  inputs: readonly Float64Array[],
  correct: StageExamples["correct"],
): { weights: number[][] } {
  const tiers = correct[0]?.length ?? 0;
  const weights = Array.from({ length: tiers }, (_, tier) => {
    const answers = correct.map((ofPrompt) => ofPrompt[tier] ?? 0);
    return fitLogistic(inputs, answers, evenRidge(1 + (inputs[0]?.length ?? 0), strength));
  });
  return { weights };
}

/** By prompt, then by tier: probability of a correct answer, with the route told and without. */
export interface StageScores {
  known: readonly Float64Array[];
  hidden: readonly Float64Array[];
}

/** What stages say of each prompt that were fitted to the other folds. */
export function crossFitStages(examples: StageExamples, places: Uint8Array): StageScores {
  const known = Array.from<Float64Array>({ length: places.length });
  const hidden = Array.from<Float64Array>({ length: places.length });
  for (const fold of new Set(places)) {
    const { inside, outside } = splitBy(places, fold);
    const stages = fitStages(pick(examples, outside));
    for (const row of inside) {
      const input = knownInput(examples.heads, examples.priors, row);
      known[row] = chancesOf(stages.known.weights, input);
      hidden[row] = chancesOf(stages.hidden.weights, examples.heads[row] ?? input);
    }
  }
  return { known, hidden };
}

const chancesOf = (weights: readonly number[][], input: Float64Array): Float64Array =>
  Float64Array.from(weights, (ofTier) => logistic(logitOf(ofTier, input)));

function pick({ heads, priors, correct }: StageExamples, rows: readonly number[]): StageExamples {
  const of = <T>(list: readonly T[]): T[] => rows.flatMap((row) => list.slice(row, row + 1));
  return { heads: of(heads), priors: of(priors), correct: of(correct) };
}
