/** A model that came after the training, as a stage of its own over what the heads say. */
export interface Ability {
  /** The constant, then a weight for each head. */
  weights: readonly number[];
}

/** The new model's probability of a correct answer. */
export function chanceOf({ weights }: Ability, heads: ArrayLike<number>): number {
  let logit = weights[0] ?? 0;
  for (let head = 0; head < heads.length; head += 1) {
    logit += (weights[1 + head] ?? 0) * (heads[head] ?? 0);
  }
  return 1 / (1 + Math.exp(-logit));
}
