import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import {
  assignAll,
  assignByLambda,
  judge,
  lambdaLadder,
  mostSaved,
  type Judged,
} from "./lambda-policy.ts";
import { dot, evenRidge, fitLogistic, logistic } from "./regression.ts";
import { expectedCosts, type ScoredPrompt } from "./scored-prompt.ts";

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);

const tiersOf = (prompts: readonly LabelledPrompt[]): number[] =>
  Array.from(prompts[0]?.correct.keys() ?? []);

/**
 * The most that sending a fixed share of all prompts to one tier and the rest to another saves, where
 * both shares and tiers are chosen knowing these very prompts: what is to be beaten where nothing is
 * known of them.
 */
export function blindMixSaved(prompts: readonly LabelledPrompt[], floor: number): number {
  const tiers = tiersOf(prompts);
  const correct = tiers.map((tier) => mean(prompts.map((each) => each.correct[tier] ?? 0)));
  const cost = tiers.map((tier) => mean(prompts.map((each) => each.costUsd[tier] ?? 0)));
  const wanted = floor * (correct.at(-1) ?? 0);
  const dearest = cost.at(-1) ?? 1;
  let most = 0;
  for (const one of tiers) {
    for (const other of tiers) {
      const share = shareOf(correct[one] ?? 0, correct[other] ?? 0, wanted);
      if (share === undefined) continue;
      const spent = share * (cost[one] ?? 0) + (1 - share) * (cost[other] ?? 0);
      most = Math.max(most, 1 - spent / dearest);
    }
  }
  return most;
}

/** The largest share of the one that keeps a mean, the rest going to the other. */
function shareOf(one: number, other: number, wanted: number): number | undefined {
  if (one >= wanted) return 1;
  if (other < wanted) return undefined;
  return (other - wanted) / (other - one);
}

/** Every prompt's cheapest tier that answers it correctly, or else the cheapest: what cannot be beaten. */
export function oracle(prompts: readonly LabelledPrompt[]): Judged {
  const assignment = Uint8Array.from(prompts, ({ correct, costUsd }) => {
    const cheapestFirst = Array.from(correct.keys()).toSorted(
      (left, right) => (costUsd[left] ?? 0) - (costUsd[right] ?? 0),
    );
    return cheapestFirst.find((tier) => correct[tier] === 1) ?? cheapestFirst[0] ?? 0;
  });
  return judge(assignment, prompts);
}

/** The curve of the best blind mixes: straight between the tiers, so that their own shares are all it has. */
export function blindMixCurve(prompts: readonly LabelledPrompt[]): Judged[] {
  return tiersOf(prompts)
    .map((tier) => judge(assignAll(prompts.length, tier), prompts).accuracyRatio)
    .toSorted((left, right) => left - right)
    .map((kept) => ({ accuracyRatio: kept, saved: blindMixSaved(prompts, kept) }));
}

/** By rung of the ladder: what becomes of prompts that are scored somehow. */
export function judgeLadder(scored: readonly ScoredPrompt[]): Judged[] {
  const prompts = scored.map(({ prompt }) => prompt);
  return lambdaLadder.map((lambda) => judge(assignByLambda(scored, lambda), prompts));
}

/** λ swept over the very prompts that are judged: flattering, and for every policy alike. */
export function sweptSaved(scored: readonly ScoredPrompt[], floor: number): number {
  return mostSaved(judgeLadder(scored), floor);
}

/** The rungs that no other surpasses in both what is kept and what is saved, by what they keep. */
export function curveOf(judged: readonly Judged[]): Judged[] {
  const dearestFirst = judged.toSorted((left, right) => right.accuracyRatio - left.accuracyRatio);
  let most = -Infinity;
  const curve = dearestFirst.filter(({ saved }) => {
    const isBetter = saved > most;
    if (isBetter) most = saved;
    return isBetter;
  });
  return curve.reverse();
}

/** A table per route: every prompt is scored by the labels of its route, and those of all otherwise. */
export function scoreByRoute(
  trained: readonly LabelledPrompt[],
  prompts: readonly LabelledPrompt[],
): ScoredPrompt[] {
  const summary = (some: readonly LabelledPrompt[]) => ({
    correct: Float64Array.from(tiersOf(trained), (tier) =>
      mean(some.map((each) => each.correct[tier] ?? 0)),
    ),
    costUsd: Float64Array.from(tiersOf(trained), (tier) =>
      mean(some.map((each) => each.costUsd[tier] ?? 0)),
    ),
  });
  const all = summary(trained);
  const byRoute = new Map(
    [...Map.groupBy(trained, ({ route }) => route)].map(([route, some]) => [route, summary(some)]),
  );
  return prompts.map((prompt) => ({ prompt, ...(byRoute.get(prompt.route) ?? all) }));
}

const lengthOf = ({ text }: LabelledPrompt): number[] => {
  const length = Math.log2(1 + text.length);
  return [length, length * length];
};

/** A regression on the prompt's length alone. */
export function scoreByLength(
  trained: readonly LabelledPrompt[],
  prompts: readonly LabelledPrompt[],
  menu: TierMenu,
): ScoredPrompt[] {
  const inputs = trained.map(lengthOf);
  const tiers = tiersOf(trained);
  const usual = tiers.map((tier) => mean(trained.map((each) => each.outputTokens[tier] ?? 0)));
  const fits = tiers.map((tier) =>
    fitLogistic(
      inputs,
      trained.map((each) => each.correct[tier] ?? 0),
      evenRidge(3, 1e-3),
    ),
  );
  return prompts.map((prompt) => ({
    prompt,
    correct: Float64Array.from(fits, (fit) => logistic(dot(fit, [1, ...lengthOf(prompt)]))),
    costUsd: expectedCosts(menu, prompt.text, usual),
  }));
}
