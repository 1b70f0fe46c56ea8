import { chanceOf, type Ability } from "../routing/index.ts";
import { fitAbility, type AbilityLabel } from "./ability.ts";
import { areaUnderCurve } from "./measures.ts";

/** From so many labels on an ability is worth more than a declared tier. */
export const fewestAbilityLabels = 100;

const folds = 5;

/** How well chances foretell what was correct. */
export interface Foretold {
  /** Mean of the chances. */
  mean: number;
  /** Area under the curve: 0.5 tells nothing apart. */
  areaUnderCurve: number;
  /** Mean of the squared differences: less is better. */
  brier: number;
}

export interface JudgedAbility {
  ability: Ability;
  labels: number;
  /** Share of the labels that are correct. */
  correct: number;
  asDeclared: Foretold;
  /** Each label foretold by an ability that was fitted without it. */
  fitted: Foretold;
}

/**
 * Fits an ability to labels, and says what it is worth beside the declared tier.
 *
 * @param tier weights of the declared tier's stage, the constant first
 */
export function judgeAbility(
  tier: readonly number[],
  labels: readonly AbilityLabel[],
): JudgedAbility {
  const without = Array.from({ length: folds }, (_, fold) =>
    fitAbility(
      tier,
      labels.filter((__, place) => place % folds !== fold),
    ),
  );
  const asTier: Ability = { weights: tier };
  return {
    ability: fitAbility(tier, labels),
    labels: labels.length,
    correct: labels.reduce((sum, { correct }) => sum + correct, 0) / labels.length,
    asDeclared: foretold(labels, () => asTier),
    fitted: foretold(labels, (place) => without[place % folds] ?? asTier),
  };
}

function foretold(
  labels: readonly AbilityLabel[],
  abilityFor: (place: number) => Ability,
): Foretold {
  const chances = labels.map(({ heads }, place) => chanceOf(abilityFor(place), heads));
  const right = labels.map(({ correct }) => correct);
  const misses = chances.map((chance, place) => (chance - (right[place] ?? 0)) ** 2);
  const mean = (of: readonly number[]): number =>
    of.reduce((sum, each) => sum + each, 0) / Math.max(1, of.length);
  return {
    mean: mean(chances),
    areaUnderCurve: areaUnderCurve(chances, right),
    brier: mean(misses),
  };
}
