import type { Ability } from "../routing/index.ts";
import { fitLogistic, type Ridge } from "./regression.ts";

export interface AbilityLabel {
  /** What the classifier's heads say of the prompt. */
  heads: ArrayLike<number>;
  /** 1 or 0. */
  correct: number;
}

/** How firmly a weight is held where its tier has it; the constant moves nearly freely. */
const strengths = { constant: 0.3, head: 12 };

/**
 * Fits a new model's ability to 100 or 200 labelled prompts, without training: it begins as its declared
 * tier, and labels move it from there. With none it is its tier.
 *
 * @param tier weights of the declared tier's stage, the constant first
 */
export function fitAbility(tier: readonly number[], labels: readonly AbilityLabel[]): Ability {
  const strength = tier.map((_, place) => (place === 0 ? strengths.constant : strengths.head));
  const ridge: Ridge = { strength, towards: tier };
  const inputs = labels.map(({ heads }) => heads);
  const answers = labels.map(({ correct }) => correct);
  return { weights: fitLogistic(inputs, answers, ridge) };
}
