import { blindMixSaved, scoreByLength, scoreByRoute, sweptSaved } from "./baselines.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { foldsOf } from "./folds.ts";
import { floors, issuePolicies, type IssuedPolicy } from "./issue-policies.ts";
import { assignByLambda, judge, lambdaLadder, type Judged } from "./lambda-policy.ts";
import { scorePrompts, type ScoredPrompt } from "./scored-prompt.ts";
import { trainModel } from "./train-model.ts";

export interface NestedFold {
  policies: readonly IssuedPolicy[];
  /** The fold's prompts, which neither training nor certificate has seen. */
  known: readonly ScoredPrompt[];
  hidden: readonly ScoredPrompt[];
}

export interface NestedSettings {
  folds: number;
  /** Folds whose labels are kept clean of training, for the certificates. */
  cleanFolds: number;
  seed: number;
}

export const nestedDefaults: NestedSettings = { folds: 8, cleanFolds: 1, seed: 1 };

/**
 * Does with each fold what is done to ship: trains without it, issues policies without it, and scores
 * it. Together the folds judge every prompt once, which no single held-out set of this size can.
 */
export function nestedFold(
  prompts: readonly LabelledPrompt[],
  fold: number,
  menu: TierMenu,
  settings: NestedSettings = nestedDefaults,
): NestedFold {
  const { training, clean, judged } = splitFold(prompts, fold, settings);
  const { seed } = settings;
  const trained = trainModel(training, { name: "nested", tiers: menu.tiers, seed, dataDigest: "" });
  const score = (hideRoutes: boolean): ScoredPrompt[] =>
    scorePrompts(trained.model, judged, { menu, hideRoutes });
  return {
    policies: issuePolicies({ trained, training, clean, menu }),
    known: score(false),
    hidden: score(true),
  };
}

interface FoldSplit {
  training: readonly LabelledPrompt[];
  clean: readonly LabelledPrompt[];
  judged: readonly LabelledPrompt[];
}

function splitFold(
  prompts: readonly LabelledPrompt[],
  fold: number,
  { folds, cleanFolds, seed }: NestedSettings,
): FoldSplit {
  const places = foldsOf(
    prompts.map(({ text }) => text),
    folds,
    seed,
  );
  const distance = (row: number): number => ((places[row] ?? 0) - fold + folds) % folds;
  const of = (isWanted: (distance: number) => boolean): LabelledPrompt[] =>
    prompts.filter((_, row) => isWanted(distance(row)));
  return {
    training: of((away) => away > cleanFolds),
    clean: of((away) => away > 0 && away <= cleanFolds),
    judged: of((away) => away === 0),
  };
}

export interface NestedBaseline {
  name: string;
  /** By floor, λ or shares chosen on the judged prompts themselves. */
  swept: readonly number[];
}

/** The baselines on all folds together, fitted to what the fold's classifier is trained on. */
export function nestedBaselines(
  prompts: readonly LabelledPrompt[],
  menu: TierMenu,
  settings: NestedSettings = nestedDefaults,
): NestedBaseline[] {
  const splits = Array.from({ length: settings.folds }, (_, fold) =>
    splitFold(prompts, fold, settings),
  );
  const swept = (score: (split: FoldSplit) => ScoredPrompt[]): number[] => {
    const scored = splits.flatMap(score);
    return floors.map((floor) => sweptSaved(scored, floor));
  };
  return [
    { name: "best blind mix", swept: floors.map((floor) => blindMixSaved(prompts, floor)) },
    {
      name: "by length",
      swept: swept(({ training, judged }) => scoreByLength(training, judged, menu)),
    },
    {
      name: "table per route",
      swept: swept(({ training, judged }) => scoreByRoute(training, judged)),
    },
  ];
}

export interface NestedResult {
  floor: number;
  /** Of all folds together, each under the λ that was certified without it. */
  certified: Judged;
  /** Share of the folds that fell below the floor, by chance of so few prompts or truly. */
  foldsUnder: number;
  /** Of all folds together under the one λ that is best for them: flattering. */
  swept: number;
}

/** All folds as one. */
export function poolFolds(
  folds: readonly NestedFold[],
  routes: "known" | "hidden",
  floor: number,
): NestedResult {
  const chosen = folds.map((fold) => {
    const issued = fold.policies.find((each) => each.routes === routes && each.floor === floor);
    return assignByLambda(fold[routes], issued?.lambda ?? Number.NEGATIVE_INFINITY);
  });
  const prompts = folds.map((fold) => fold[routes].map(({ prompt }) => prompt));
  const all = prompts.flat();
  const under = chosen.filter(
    (assignment, place) => judge(assignment, prompts[place] ?? []).accuracyRatio < floor,
  );
  const scored = folds.flatMap((fold) => fold[routes]);
  let swept = 0;
  for (const lambda of lambdaLadder) {
    const { accuracyRatio, saved } = judge(assignByLambda(scored, lambda), all);
    if (accuracyRatio >= floor) swept = Math.max(swept, saved);
  }
  return {
    floor,
    certified: judge(Uint8Array.from(chosen.flatMap((each) => [...each])), all),
    foldsUnder: under.length / folds.length,
    swept,
  };
}
