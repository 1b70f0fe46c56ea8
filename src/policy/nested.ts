import { scoreByLength, scoreByRoute } from "./baselines.ts";
import {
  assignByPolicies,
  evaluateScored,
  type Evaluation,
  type ScoredPolicies,
} from "./evaluate.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { foldsOf } from "./folds.ts";
import { floors, issuePolicies, type IssuedPolicy } from "./issue-policies.ts";
import { judge } from "./lambda-policy.ts";
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

/**
 * All folds as one, each under the λ that was certified without it; the baselines are fitted to what
 * the fold's classifier is trained on.
 */
export function evaluateNested(
  prompts: readonly LabelledPrompt[],
  folds: readonly NestedFold[],
  menu: TierMenu,
  settings: NestedSettings = nestedDefaults,
): Evaluation {
  const splits = folds.map((_, fold) => splitFold(prompts, fold, settings));
  const baseline = (score: (split: FoldSplit) => ScoredPrompt[]): readonly ScoredPrompt[] =>
    splits.flatMap(score);
  const classifier = (routes: "known" | "hidden"): ScoredPolicies => {
    const certified = folds.map((fold) => assignByPolicies(fold[routes], routes, fold.policies));
    return {
      name: `classifier, route ${routes}`,
      scored: folds.flatMap((fold) => fold[routes]),
      certified: floors.map((_, place) =>
        Uint8Array.from(certified.flatMap((ofFold) => [...(ofFold[place] ?? [])])),
      ),
    };
  };
  return evaluateScored({
    baselines: [
      {
        name: "by length",
        scored: baseline(({ training, judged }) => scoreByLength(training, judged, menu)),
      },
      {
        name: "table per route",
        scored: baseline(({ training, judged }) => scoreByRoute(training, judged)),
      },
    ],
    classifiers: [classifier("hidden"), classifier("known")],
  });
}

/** By floor: the share of the folds that fell below it, by chance of so few prompts or truly. */
export function foldsUnder(folds: readonly NestedFold[], routes: "known" | "hidden"): number[] {
  const kept = folds.map((fold) => {
    const prompts = fold[routes].map(({ prompt }) => prompt);
    return assignByPolicies(fold[routes], routes, fold.policies).map((assignment) =>
      judge(assignment, prompts),
    );
  });
  return floors.map((floor, place) => {
    const under = kept.filter((ofFold) => (ofFold[place]?.accuracyRatio ?? 1) < floor);
    return under.length / folds.length;
  });
}
