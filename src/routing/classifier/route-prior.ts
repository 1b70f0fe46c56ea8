import type { RoutePrior } from "./classifier.ts";
import type { ModelHeader } from "./model.ts";

/** Answers of a route that somebody has judged. */
export interface RouteTally {
  count: number;
  /** By tier: how many of them were correct. */
  correct: readonly number[];
}

/**
 * Shrunk towards all routes by `pseudoCount` answers, so that a handful of labels does not make a
 * certainty.
 *
 * @param overall by tier: the share of correct answers over all routes
 */
export function smoothedPrior(
  tally: RouteTally,
  overall: readonly number[],
  pseudoCount: number,
): RoutePrior {
  return Float64Array.from(overall, (share, tier) => {
    const correct = (tally.correct[tier] ?? 0) + pseudoCount * share;
    const wrong = tally.count + pseudoCount - correct;
    return Math.log(correct / wrong);
  });
}

/** The prior of a route of the training data; undefined of any other. */
export function trainedPrior(header: ModelHeader, route: string): RoutePrior | undefined {
  const { routes, overall, pseudoCount } = header.prior;
  const tally = Object.hasOwn(routes, route) ? routes[route] : undefined;
  return tally === undefined ? undefined : smoothedPrior(tally, overall, pseudoCount);
}
