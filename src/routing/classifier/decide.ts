/**
 * The place of the option with the greatest correct − λ · cost; among equals the last, which is where
 * the strongest stands. A λ below 0 is an author's wish for the dear ones: at −∞ it is always the
 * dearest.
 *
 * @param correct probability of a correct answer, by option
 * @param costUsd expected cost, by option
 * @param lambda correctness that a dollar must buy
 */
export function decide(correct: Float64Array, costUsd: Float64Array, lambda: number): number {
  let chosen = 0;
  let most = -Infinity;
  for (let option = 0; option < correct.length; option += 1) {
    const value = (correct[option] ?? 0) - lambda * (costUsd[option] ?? 0);
    if (value >= most) {
      most = value;
      chosen = option;
    }
  }
  return chosen;
}
