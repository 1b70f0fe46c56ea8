import { smoothedPrior, type RoutePrior, type RouteTally } from "../routing/index.ts";
import type { LabelledPrompt } from "./labelled-prompt.ts";

/** Labels that a route's own share must outweigh. */
const pseudoCount = 20;

/** What labels say of routes before a question is read. */
export interface RouteKnowledge {
  pseudoCount: number;
  /** By tier. */
  overall: number[];
  routes: Record<string, RouteTally & { correct: number[] }>;
}

export function routeKnowledge(prompts: readonly LabelledPrompt[], tiers: number): RouteKnowledge {
  const tally = (some: readonly LabelledPrompt[]): number[] =>
    Array.from({ length: tiers }, (_, tier) =>
      some.reduce((sum, { correct }) => sum + (correct[tier] ?? 0), 0),
    );
  const routes: RouteKnowledge["routes"] = {};
  for (const [route, some] of Map.groupBy(prompts, (each) => each.route)) {
    routes[route] = { count: some.length, correct: tally(some) };
  }
  // Short of 0 and 1, whose logits no prior can have.
  const overall = tally(prompts).map((correct) => (correct + 1) / (prompts.length + 2));
  return { pseudoCount, overall, routes };
}

/** Of a route that no label knows: that of all routes. */
export function priorFrom(knowledge: RouteKnowledge, route: string): RoutePrior {
  const known = Object.hasOwn(knowledge.routes, route) ? knowledge.routes[route] : undefined;
  const tally = known ?? { count: 0, correct: [] };
  return smoothedPrior(tally, knowledge.overall, knowledge.pseudoCount);
}
